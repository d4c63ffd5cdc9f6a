import type { Room } from './navigation.ts'

export const ROOMS: { room: Room; title: string; keys: string }[] = [
	{ room: 'worklist', title: 'Worklist', keys: 'Alt+1' },
	{ room: 'reading', title: 'Reading', keys: 'Alt+2' },
	{ room: 'reports', title: 'Reports', keys: 'Alt+3' },
	{ room: 'admin', title: 'Admin', keys: 'Alt+4' },
	{ room: 'settings', title: 'Settings', keys: 'Alt+5' },
]

export function roomTitle(room: Room): string {
	return ROOMS.find((candidate) => candidate.room === room)?.title ?? ''
}
