#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What runs on a board in the auxiliary system: asks the agent what to do and does it. The
# interface is described in ../README.md. It needs a POSIX sh (BusyBox), curl, sha256sum, dd.
#
# usage: netrecovery.sh URL DEVICE      URL: of the image, as the misc partition has it
# environment: MISC (device of the misc partition), MISC_AT (bytes: where the message is in
#              it, as misc_offset in the agent), WORK (a folder in memory),
#              REBOOT (program; with the argument "loader" it restarts into the loader),
#              POLL, PATIENCE (seconds between questions, and without an answer)
set -u
url=$1 device=$2
base=${url%/image}
WORK=${WORK:-/tmp/netrecovery} MISC=${MISC:-} MISC_AT=${MISC_AT:-0} REBOOT=${REBOOT:-reboot}
POLL=${POLL:-2} PATIENCE=${PATIENCE:-900}
MIB=1048576 CHUNK=8 # of the image at once, in MiB
heard=$(date +%s) id='' finished='' size=0 sum=none

mkdir -p "$WORK/log"
history=$WORK/log/history errors=$WORK/log/netrecovery.err
exec 2>>"$errors"

log() { echo "$$ $(date +%s) $*" >>"$history"; }

send() { # FILE NAME: its last 32,000 bytes
	tail -c 32000 "$1" >"$WORK/send" && curl -s -m 20 -o /dev/null \
		--data-binary "@$WORK/send" "$base/$2"
}

send_logs() {
	[ -e "$history" ] && send "$history" history
	[ -e "$errors" ] && send "$errors" err
}

# say STATE DONE [LINE]
say() {
	{
		echo "id=$id"
		echo "state=$1"
		echo "done=$2"
		[ $# -lt 3 ] || echo "$3"
	} >"$WORK/state"
	send "$WORK/state" state
}

# The board is to be flashed again, or by other means.
give_up() {
	log "ends: $1"
	send_logs
	"$REBOOT" loader
	exit 1
}

# answered STATUS: whether it can go on; else it waits.
answered() {
	now=$(date +%s)
	case $1 in
	200 | 206) heard=$now; return 0 ;;
	410) give_up "the job is over" ;;
	esac
	[ $((now - heard)) -le "$PATIENCE" ] || give_up "no answer, at last $1"
	sleep "$POLL"
	return 1
}

fail() { # CODE WORDS
	log "$2"
	say error 0 "code=$1
text=$2"
	send_logs
	return 1
}

room() {
	if [ -b "$device" ]; then
		blockdev --getsize64 "$device"
	else
		echo "$size"
	fi
}

# One chunk of n bytes at the offset; what has arrived is written only when it is whole.
chunk() { # OFFSET N
	status=$(curl -s -m 120 -o "$WORK/chunk" -w '%{http_code}' \
		-H "Range: bytes=$1-$(($1 + $2 - 1))" -H "If-Range: \"$sum\"" \
		--max-filesize "$2" "$url")
	[ "$status" != 200 ] || { fail corrupt "another image is offered"; return 2; }
	[ "$(wc -c <"$WORK/chunk" 2>/dev/null || echo 0)" -eq "$2" ] || status=${status}-short
	answered "$status" || return 1
	dd if="$WORK/chunk" of="$device" bs=$MIB seek=$(($1 / MIB)) conv=notrunc \
		2>"$WORK/dd" || { cat "$WORK/dd" >>"$errors"; fail io "writing at $1"; return 2; }
}

write() {
	at=0
	[ "$(room)" -ge "$size" ] || { fail space "the storage is smaller than the image"; return; }
	# the same job after its own restart
	[ "$(cat "$WORK/of" 2>/dev/null)" != "$id $sum" ] || at=$(cat "$WORK/at")
	echo "$id $sum" >"$WORK/of"
	while [ "$at" -lt "$size" ]; do
		n=$((size - at))
		[ $n -le $((CHUNK * MIB)) ] || n=$((CHUNK * MIB))
		rm -f "$WORK/chunk"
		chunk "$at" "$n"
		case $? in
		0) at=$((at + n)) && echo "$at" >"$WORK/at" && say flashing "$at" ;;
		2) return ;;
		esac
	done
	sync || { fail io "the storage does not take what was written"; return; }
	say "done" "$size"
}

# Reads back from the storage, not from memory.
verify() {
	sync
	if [ -b "$device" ]; then
		blockdev --flushbufs "$device"
		(echo 3 >/proc/sys/vm/drop_caches) 2>/dev/null
	fi
	head -c "$size" "$device" | sha256sum >"$WORK/sum" &
	reader=$!
	while kill -0 $reader 2>/dev/null; do
		say flashing 0
		sleep 1
	done
	wait $reader
	read -r is rest <"$WORK/sum"
	say "done" "$size" "sha256=$is"
}

# What was written may have its own word in misc: only ours is taken away.
restart() {
	say "done" 0
	send_logs
	first=$((MISC_AT / 512))
	if [ -n "$MISC" ] && [ "$(dd if="$MISC" bs=512 skip=$first count=1 2>/dev/null |
		head -c 13)" = boot-recovery ]; then
		dd if=/dev/zero of="$MISC" bs=512 seek=$first count=4 conv=notrunc
		sync
	fi
	"$REBOOT"
	exit 0
}

value() { sed -n "s/^$1=//p" "$WORK/job" | head -n 1; }

log "asks $base"
while :; do
	rm -f "$WORK/job"
	answered "$(curl -s -m 20 -o "$WORK/job" -w '%{http_code}' "$base/job")" || continue
	next=$(value id)
	if [ "$next" = "$finished" ]; then
		send "$WORK/state" state # the agent may have lost it in a restart
		sleep "$POLL"
		continue
	fi
	id=$next
	what=$(value "do")
	size=$(value size)
	sum=$(value sha256)
	log "$what $id"
	case $what in
	write) say preparing 0 && write ;;
	verify) say preparing 0 && verify ;;
	reset) restart ;;
	loader) say "done" 0 && give_up "the agent wants the loader" ;;
	wait) say "done" 0 ;;
	*) fail unsupported "it does not know how to $what" ;;
	esac
	finished=$id
	send_logs
done
