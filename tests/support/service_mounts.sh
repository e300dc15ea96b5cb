#!/bin/sh
# What systemd makes of the mounts for packaging/diskd.service, in the mount
# namespace that it is started in: its directories are mounts of their own, all
# else is read-only, and where the homes would be there is nothing.
#
# Arguments: the directory that stands for the homes, and what to start then.
set -eu
homes=$1
shift
for dir in /run/diskd /var/lib/diskd; do
  mount --bind "$dir" "$dir"
done
umount -q -R "$homes" || true
mount -t tmpfs -o ro,mode=000 homes "$homes"
# Some lie hidden under others.
findmnt -rn -o TARGET | sort -u | while read -r target; do
  mountpoint -q "$target" || continue
  case $target in
  /dev | /dev/* | /proc | /proc/* | /sys | /sys/* | /run/diskd | /var/lib/diskd) ;;
  *) mount -o remount,bind,ro "$target" ;;
  esac
done
umask 0077
exec "$@"
