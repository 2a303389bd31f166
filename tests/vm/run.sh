#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Boots Debian's kernel in QEMU (software emulation) and drives the devices that it can make up
# through the real daemon: guest.py says which. Ends after 5 minutes at the latest; where
# something is missing it says what and ends with 77, as automake's tests do.
#
#     tests/vm/run.sh BUILD-FOLDER        or: make check-vm
#
# The kernel is unpacked into BUILD/vm, never installed, and kept there for the next time.
set -eu

limit=300 # seconds
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$top/build}" && pwd)
vm=$build/vm
PATH=$PATH:/usr/sbin:/sbin

skip() {
	echo "check-vm: skipped: $*"
	exit 77
}

need() {
	for program in "$@"; do
		command -v "$program" >/dev/null || skip "no $program (apt install qemu-system-x86 busybox-static cpio kmod)"
	done
}

# download PACKAGE FOLDER: unpacks a package there, unless it is there.
download() {
	[ ! -e "$vm/$2/done" ] || return 0
	rm -rf "${vm:?}/$2" && mkdir -p "$vm/$2/deb"
	(cd "$vm/$2/deb" && timeout 240 apt-get -q download "$1" >/dev/null 2>&1) &&
		dpkg-deb -x "$vm/$2"/deb/*.deb "$vm/$2" || return 1
	rm -rf "$vm/$2/deb"
	touch "$vm/$2/done"
}

get_kernel() {
	package=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
	[ -n "$package" ] || skip "apt knows no linux-image-amd64"
	download "$package" kernel || skip "$package can't be downloaded"
	release=$(ls "$vm/kernel/lib/modules")
	[ -e "$vm/kernel/lib/modules/$release/modules.dep.bin" ] || depmod -b "$vm/kernel" "$release"
}

make_initrd() {
	root=$vm/initrd
	rm -rf "$root" && mkdir -p "$root/bin" "$root/modules"
	cp "$(command -v busybox)" "$root/bin/busybox"
	cp "$top/tests/vm/init" "$root/init" && chmod 755 "$root/init"
	for module in virtio_pci 9pnet_virtio 9p overlay; do
		modprobe -d "$vm/kernel" -S "$release" --show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
		cp "$file" "$root/modules/"
		basename "$file" >>"$root/modules/order"
	done
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$vm/initrd.gz"
}

# Debian's kernel has no gpio-sim: it is built as a module, with what it needs of irq_sim, where the
# headers and the source of this kernel can be had. Without it the guest leaves GPIO out.
make_gpio_sim() {
	module=$vm/gpio-sim/gpio_sim_vm.ko
	headers=/usr/src/linux-headers-$release
	[ ! -e "$module" ] || return 0
	[ -d "$headers" ] || { echo "check-vm: no gpio-sim (apt install linux-headers-$release)" && return 0; }
	source=$(apt-cache depends linux-source 2>/dev/null | awk '/Depends: linux-source/ { print $2; exit }')
	download "$source" source || { echo "check-vm: no gpio-sim: $source can't be downloaded" && return 0; }
	rm -rf "$vm/gpio-sim" && mkdir -p "$vm/gpio-sim"
	for file in drivers/gpio/gpio-sim.c drivers/gpio/gpiolib.h kernel/irq/irq_sim.c; do
		tar -xOf "$vm/source/usr/src/$source.tar.xz" "$source/$file" >"$vm/gpio-sim/${file##*/}"
	done
	# irq_to_desc is not exported to modules
	sed -i -e '/EXPORT_SYMBOL/d' \
		-e 's/handle_simple_irq(irq_to_desc(\([a-z]*\)))/generic_handle_irq(\1)/' "$vm/gpio-sim/irq_sim.c"
	cat >"$vm/gpio-sim/Makefile" <<'END'
obj-m := gpio_sim_vm.o
gpio_sim_vm-y := gpio-sim.o irq_sim.o
ccflags-y += -I$(src)
END
	make -s -C "$headers" M="$vm/gpio-sim" modules >"$vm/gpio-sim/log" 2>&1 ||
		echo "check-vm: no gpio-sim: see $vm/gpio-sim/log"
}

boot() {
	out=$(mktemp -d "$vm/out.XXXXXX")
	cat >"$out/start" <<END
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root CLUSTERBMC_BUILD='$build' VM='$vm'
mkdir -p /dev/pts /dev/shm && mount -t devpts devpts /dev/pts && mount -t tmpfs shm /dev/shm
mount -t tmpfs tmp /tmp && chmod 1777 /tmp
ip link set lo up
/usr/bin/python3 '$top/tests/vm/guest.py' && echo 0 >/mnt/status
sync
echo o >/proc/sysrq-trigger
sleep 60
END
	timeout "$limit" qemu-system-x86_64 -M q35,accel=tcg -cpu max -smp 2 -m 2G -nodefaults \
		-no-user-config -display none -serial stdio -no-reboot \
		-kernel "$vm/kernel/boot/vmlinuz-$release" -initrd "$vm/initrd.gz" \
		-append 'console=ttyS0 quiet loglevel=3 panic=-1' \
		-fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
		-device virtio-9p-pci,fsdev=host,mount_tag=host \
		-fsdev local,id=out,path="$out",security_model=none \
		-device virtio-9p-pci,fsdev=out,mount_tag=out </dev/null ||
		echo "check-vm: the machine did not end by itself within $limit s"
	result=$(cat "$out/status" 2>/dev/null || echo 1)
	rm -rf "$out"
	return "$result"
}

[ "$(uname -m)" = x86_64 ] || skip "only on x86_64 so far"
[ "$(id -u)" = 0 ] || skip "not root: the guest's files are the host's"
[ -x "$build/clusterbmcd" ] || skip "nothing built in $build"
need qemu-system-x86_64 busybox cpio depmod modprobe apt-get dpkg-deb
mkdir -p "$vm"
get_kernel
make_initrd
make_gpio_sim
boot
