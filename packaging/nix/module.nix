# diskd as a service of NixOS. docs/packages.md says what was tried.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.diskd;
  yaml = pkgs.formats.yaml { };

  # The binary may run programs only where other systems have them.
  programs = pkgs.buildEnv {
    name = "diskd-programs";
    paths = [
      pkgs.util-linux
      pkgs.systemd
      pkgs.iproute2
      pkgs.nftables
    ];
    pathsToLink = [ "/bin" ];
  };

  # In place of the folders of other systems.
  execPaths = [
    ""
    "/nix/store"
  ];
in
{
  options.services.diskd = {
    enable = lib.mkEnableOption "diskd, which finds disks on the LAN";

    package = lib.mkOption {
      type = lib.types.package;
      description = "The package of diskd.";
    };

    settings = lib.mkOption {
      inherit (yaml) type;
      default = { };
      example = {
        interfaces = [ "eth*" ];
      };
      description = "The contents of /etc/diskd/config.yaml: see diskd.yaml(5).";
    };

    openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Whether to open the UDP port of diskd.";
    };

    web.enable = lib.mkEnableOption "the page for browsers";
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];

    # With a mode it is a file, and no link to a place that diskd may not read.
    environment.etc."diskd/config.yaml" = {
      source = yaml.generate "diskd.yaml" cfg.settings;
      mode = "0644";
    };

    users.groups.diskd = { };
    users.users.diskd = {
      isSystemUser = true;
      group = "diskd";
      description = "diskd, finds disks on the LAN";
      home = "/var/lib/diskd";
    };

    # The units are those of the package; here is what differs on NixOS.
    systemd.packages = [ cfg.package ];
    systemd.services.diskd = {
      wantedBy = [ "multi-user.target" ];
      restartTriggers = [ config.environment.etc."diskd/config.yaml".source ];
      environment.PATH = lib.mkForce "/usr/bin";
      serviceConfig = {
        BindReadOnlyPaths = [ "${programs}/bin:/usr/bin" ];
        ExecPaths = execPaths;
        ExecReload = [
          ""
          "${pkgs.coreutils}/bin/kill -HUP $MAINPID"
        ];
      };
    };
    systemd.services.diskd-web = lib.mkIf cfg.web.enable {
      wantedBy = [ "multi-user.target" ];
      serviceConfig.ExecPaths = execPaths;
    };

    # The page asks the daemon there.
    services.diskd.settings = lib.mkIf cfg.web.enable {
      readSocket = lib.mkDefault "/run/diskd/read.sock";
    };

    networking.firewall.allowedUDPPorts = lib.mkIf cfg.openFirewall [
      (cfg.settings.port or 32003)
    ];
  };
}
