import { create } from 'zustand'

/** What lies over the room for a moment and has the keyboard; Escape takes it away. */
export type OverlayName = 'palette' | 'cheatSheet' | 'modelCard' | 'removeRun'

interface OverlayState {
	shown: OverlayName | null
	show(overlay: OverlayName): void
	hide(): void
}

export const useOverlay = create<OverlayState>((set) => ({
	shown: null,
	show: (shown) => set({ shown }),
	hide: () => set({ shown: null }),
}))
