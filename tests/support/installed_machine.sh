#!/bin/sh
# Runs a command as if diskd were installed, configured and used on this
# machine, to show that no test depends on what the machine has:
#
#     tests/support/installed_machine.sh deno test -A tests/e2e
#
# Root only. What it makes lies in namespaces that end with the command; the
# machine itself is not changed.
set -eu
if [ "${1-}" != --inside ]; then
  # Process 1 is inside as well: diskd asks it what is mounted.
  exec unshare --mount --pid --fork --kill-child --mount-proc \
    "$0" --inside "$@"
fi
shift
# Started by hand it would mount over the real machine's folders.
[ $$ = 1 ] || { echo "$0: --inside is not for you" >&2; exit 1; }

# A copy of /etc, and of the others nothing but what is diskd's. The hosts of
# the LAN in a box lay an overlay over these, which does not show submounts.
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/etc
cp -a /etc/. /mnt/etc
mount --bind /mnt/etc /etc
umount --lazy /mnt
mount -t tmpfs -o mode=755 tmpfs /var/lib
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /etc/diskd /var/lib/diskd /run/diskd

cat >/etc/diskd/config.yaml <<'END'
hostName: installed
group: 239.255.1.1
port: 31999
interfaces: [nothing*]
socket: /run/diskd/other.sock
readSocket: /run/diskd/read.sock
scanInterval: 1h
announceInterval: 1h
logFormat: json
keys:
  mode: require
  files: [/etc/diskd/key]
mount:
  allow: ["*"]
END
echo 'not a key' >/etc/diskd/key
echo '{"id":"0123456789abcdef0123456789abcdef","boot":4000000000000}' \
  >/var/lib/diskd/identity.json
echo 'not a database' >/var/lib/diskd/history.db
# The sockets of a daemon that was killed.
for name in control other read; do
  python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' \
    "/run/diskd/$name.sock"
done

export DISKD_SOCKET=/run/diskd/other.sock DISKD_PORT=31998 DISKD_TTL=7
export DISKD_HOST_NAME=installed DISKD_LOG_LEVEL=error DISKD_MISSPELT=1
export XDG_RUNTIME_DIR=/run/diskd XDG_STATE_HOME=/var/lib/diskd
export TZ=Asia/Kathmandu LANG=de_DE.UTF-8 LC_ALL=C NO_COLOR=1 TERM=dumb
# Not by exec: a shell that waits also reaps orphans, as process 1 must.
"$@"
exit
