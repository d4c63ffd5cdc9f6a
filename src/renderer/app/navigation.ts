import { create } from 'zustand'

export type Room = 'worklist' | 'reading' | 'reports' | 'admin' | 'settings'

interface Navigation {
	room: Room
	/** The study on the light box; stays while other rooms are looked at. */
	studyId: number | null
	go(room: Room): void
	openStudy(studyId: number): void
	closeStudy(): void
}

export const useNavigation = create<Navigation>((set) => ({
	room: 'worklist',
	studyId: null,
	go: (room) => set({ room }),
	openStudy: (studyId) => set({ studyId, room: 'reading' }),
	closeStudy: () => set({ studyId: null, room: 'worklist' }),
}))
