import { create } from 'zustand'
import type { AdminSection } from '../admin/sections.ts'

export type Room = 'worklist' | 'reading' | 'reports' | 'admin' | 'settings'

interface Navigation {
	room: Room
	/** What the Admin room shows; stays while other rooms are looked at. */
	section: AdminSection
	/** The study on the light box; stays while other rooms are looked at. */
	studyId: number | null
	go(room: Room): void
	openSection(section: AdminSection): void
	openStudy(studyId: number): void
	closeStudy(): void
}

export const useNavigation = create<Navigation>((set) => ({
	room: 'worklist',
	section: 'models',
	studyId: null,
	go: (room) => set({ room }),
	openSection: (section) => set({ section, room: 'admin' }),
	openStudy: (studyId) => set({ studyId, room: 'reading' }),
	closeStudy: () => set({ studyId: null, room: 'worklist' }),
}))
