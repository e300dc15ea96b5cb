# As much of nixpkgs as the files in packaging/nix use: enough to evaluate them, not
# to build. `config` is what the module says when `services.diskd` is `settings`.
{ nix, services }:
let
  lib = {
    genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
    makeLibraryPath = packages: builtins.concatStringsSep ":" (map (p: "${p}/lib") packages);
    mkDefault = value: value;
    mkForce = value: value;
    mkIf = condition: value: if condition then value else null;
    mkOption = option: option;
    mkEnableOption = description: { inherit description; default = false; };
    types = { bool = "bool"; package = "package"; };
    licenses.mit = "MIT";
    sourceTypes.binaryNativeCode = "binary";
  };
  pkgs = {
    formats.yaml = _: {
      type = "yaml";
      generate = name: value: { inherit name value; };
    };
    buildEnv = { name, ... }: "/nix/store/${name}";
    coreutils = "/coreutils";
    util-linux = "util-linux";
    systemd = "systemd";
    iproute2 = "iproute2";
    nftables = "nftables";
  };
  module = import (nix + "/module.nix") {
    inherit lib pkgs;
    config = {
      services.diskd = services;
      environment.etc."diskd/config.yaml".source = "config.yaml";
    };
  };
  package = import (nix + "/package.nix") {
    inherit lib;
    stdenv = {
      mkDerivation = attributes: attributes;
      cc.cc.lib = "/gcc";
    };
    patchelf = "patchelf";
    installShellFiles = "installShellFiles";
    version = "1";
    binary = "$BINARY";
  };
  flake = import (nix + "/flake.nix");
  outputs = flake.outputs {
    self = { };
    nixpkgs = {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (system: {
        callPackage = path: arguments: { inherit system; file = baseNameOf path; inherit (arguments) version binary; };
      });
    };
    x86_64-linux = "x86";
    aarch64-linux = "arm";
  };
in
{
  options = builtins.attrNames module.options.services.diskd;
  inherit (module) config;
  inherit (package) installPhase dontStrip dontPatchELF;
  inherit (flake) inputs;
  inherit (outputs) packages;
}
