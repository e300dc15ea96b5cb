{
  description = "diskd tells which host of the LAN a disk is attached to";

  # The binaries of a release. Their sums are not here: Nix writes them to flake.lock
  # when it first downloads them.
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    x86_64-linux = {
      url = "file+https://github.com/OWNER/diskd/releases/download/v0.1.0/diskd-0.1.0-linux-x86_64";
      flake = false;
    };
    aarch64-linux = {
      url = "file+https://github.com/OWNER/diskd/releases/download/v0.1.0/diskd-0.1.0-linux-aarch64";
      flake = false;
    };
  };

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      version = "0.1.0";
      forSystems = nixpkgs.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
      ];
    in
    {
      packages = forSystems (system: {
        default = nixpkgs.legacyPackages.${system}.callPackage ./package.nix {
          inherit version;
          binary = inputs.${system};
        };
      });

      nixosModules.default =
        { lib, pkgs, ... }:
        {
          imports = [ ./module.nix ];
          services.diskd.package = lib.mkDefault self.packages.${pkgs.stdenv.hostPlatform.system}.default;
        };
    };
}
