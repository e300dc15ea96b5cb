# diskd from the binary of its release, with the units and man pages of this tree.
{
  lib,
  stdenv,
  patchelf,
  installShellFiles,
  version,
  binary,
}:

stdenv.mkDerivation {
  pname = "diskd";
  inherit version;
  dontUnpack = true;

  nativeBuildInputs = [
    installShellFiles
    patchelf
  ];

  # strip and autoPatchelfHook would lose the program, which is behind the end of the
  # ELF file.
  dontStrip = true;
  dontPatchELF = true;

  installPhase = ''
    runHook preInstall

    install -D -m 755 ${binary} $out/bin/diskd
    sh ${./patch.sh} $out/bin/diskd \
      "$(cat $NIX_CC/nix-support/dynamic-linker)" \
      ${lib.makeLibraryPath [ stdenv.cc.cc.lib ]}

    for unit in ${../diskd.service} ${../diskd-web.service}; do
      name=$(stripHash $unit)
      install -D -m 644 $unit $out/lib/systemd/system/$name
      substituteInPlace $out/lib/systemd/system/$name \
        --replace-fail /usr/local/bin/diskd $out/bin/diskd
    done

    installManPage ${../man}/*
    $out/bin/diskd completions bash >diskd.bash
    $out/bin/diskd completions fish >diskd.fish
    $out/bin/diskd completions zsh >diskd.zsh
    installShellCompletion diskd.bash diskd.fish diskd.zsh

    runHook postInstall
  '';

  meta = {
    description = "Tells which host of the LAN a disk is attached to";
    homepage = "https://github.com/OWNER/diskd";
    license = lib.licenses.mit;
    mainProgram = "diskd";
    platforms = [
      "x86_64-linux"
      "aarch64-linux"
    ];
    sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
  };
}
