#!/bin/sh
# First process of one host of the LAN in a box: `unshare` starts it in fresh
# network, mount, host name and process namespaces. It makes the mounts that
# are this host's own, says "ready", and lives until its standard input ends,
# which the kernel sees to when the test dies. With it everything in the host
# is killed and every mount is gone.
#
# Arguments: host name, machine id, 0 for IPv6 or 1 for none.
set -eu
# Started by hand it would mount over the real machine's folders.
[ $$ = 1 ] || { echo "$0: started only by the LAN in a box" >&2; exit 1; }
name=$1
machine_id=$2
disable_ipv6=$3

mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/lan/bin /run/lan/home /run/lan/dev
cd /run/lan

# What the host writes there is its own; what the machine has is still read.
for dir in /etc /var/lib; do
  mkdir -p "upper$dir" "work$dir"
done
# Before the mounts and into the layer itself: no line here ever names a file
# of the real machine to write to.
echo "$machine_id" >upper/etc/machine-id
echo "$name" >upper/etc/hostname
# Whiteouts of overlayfs: where diskd is installed on this machine, what it has
# there is hidden.
mknod upper/etc/diskd c 0 0
mknod upper/var/lib/diskd c 0 0
for dir in /etc /var/lib; do
  layers="lowerdir=$dir,upperdir=/run/lan/upper$dir,workdir=/run/lan/work$dir"
  mount -t overlay -o "$layers" overlay "$dir"
done
echo "$name" >/proc/sys/kernel/hostname

# No block device: a disk is here when its node is.
mount -t tmpfs -o mode=755 tmpfs dev
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty dev/
mkdir dev/pts dev/shm
mount --move dev /dev
mount -t devpts -o newinstance,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
ln -s pts/ptmx /dev/ptmx
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr

for conf in all default lo; do
  file=/proc/sys/net/ipv6/conf/$conf/disable_ipv6
  [ ! -e "$file" ] || echo "$disable_ipv6" >"$file"
done
ip link set lo up

cd /
echo ready
# In `wait`, and not in `read`, the shell also reaps orphans, as process 1 must.
exec 3<&0
cat <&3 >/dev/null &
wait $!
