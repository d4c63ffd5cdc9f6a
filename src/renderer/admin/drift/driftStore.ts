import { create } from 'zustand'

export const WEEKS = [4, 13, 26, 52] as const

interface DriftState {
	weeks: number
	/** Null: the model that answered last. */
	modelSha256: string | null
	/** Null: the first label of the model. */
	label: string | null
}

/** What the section shows; stays while other sections and rooms are looked at. */
export const useDrift = create<DriftState>(() => ({ weeks: 26, modelSha256: null, label: null }))
