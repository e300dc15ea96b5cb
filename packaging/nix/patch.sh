#!/bin/sh
# Gives a compiled diskd the dynamic loader and the libraries of another place:
#
#     patch.sh BINARY LOADER LIBRARIES
#
# Its program lies behind the end of the ELF file and is found from the end of the
# file. patchelf writes there, so the program is put aside meanwhile.
set -eu
binary=$1 loader=$2 libraries=$3

field() {
  LC_ALL=C readelf --file-header "$binary" | sed -n "s/^ *$1: *\([0-9]*\).*/\1/p"
}
# The section headers are the last part of the ELF file.
count=$(field 'Number of section headers')
size=$(field 'Size of section headers')
end=$(($(field 'Start of section headers') + count * size))

tail -c "+$((end + 1))" "$binary" >"$binary.program"
truncate -s "$end" "$binary"
patchelf --set-interpreter "$loader" --set-rpath "$libraries" "$binary"
cat "$binary.program" >>"$binary"
rm "$binary.program"
