import { create } from 'zustand'
import type { ErrorMapLook } from './MapOnPicture.tsx'

interface ErrorMapLookState {
	look: ErrorMapLook
	change(look: Partial<ErrorMapLook>): void
}

/** How maps of errors are looked at; the same for the next image, and begins as at the reading desk. */
export const useErrorMapLook = create<ErrorMapLookState>((set) => ({
	look: { opacity: 0.5, threshold: 0.15, style: 'colour' },
	change: (look) => set((state) => ({ look: { ...state.look, ...look } })),
}))
