// SPDX-License-Identifier: Apache-2.0
// What a board's state is called and how it is shown. Colour is never alone: each class has
// a letter and a word.

/** class: [letter, key of the word] */
export const CLASSES = {
	normal: ['N', 'state.normal'],
	maintenance: ['M', 'state.maintenance'],
	offline: ['O', 'state.offline'],
	absent: ['–', 'state.absent'],
};

/** The class of a board: Android and Linux are normal, all else that USB sees is maintenance. */
export function classOf(board) {
	if (!board.present)
		return 'absent';
	switch (board.state) {
	case 'Android':
	case 'Linux':
		return 'normal';
	case 'Offline':
	case null:
	case undefined:
		return 'offline';
	default:
		return 'maintenance';
	}
}

/** NetRecovery: netrecovery, AdbOffline: adb_offline; as the command line says it. */
export function detailOf(board) {
	if (!board.present)
		return '';
	const words = { NetRecovery: 'netrecovery', MaskRom: 'maskrom' };
	return words[board.state] ??
		(board.state ?? '').replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}
