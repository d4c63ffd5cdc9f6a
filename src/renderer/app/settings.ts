import { create } from 'zustand'
import { settingsSchema, type Settings } from '../../common/contract/system.ts'
import { client } from './client.ts'
import { showError } from './notices.ts'

interface SettingsState {
	settings: Settings
	/** False until the stored settings are here: until then the defaults stand in. */
	loaded: boolean
	/** 'saving' from a change until the main program has it on the disk. */
	phase: 'idle' | 'saving' | 'saved' | 'failed'
	/** Shows the change at once and stores it; what could not be stored is taken back, with a notice. */
	save(change: Partial<Settings>): void
}

/** The last values known to be on the disk, to go back to. */
let stored: Settings = settingsSchema.parse({})
let pending = 0

export const useSettings = create<SettingsState>((set) => ({
	settings: stored,
	loaded: false,
	phase: 'idle',
	save(change) {
		pending += 1
		set((state) => ({ settings: { ...state.settings, ...change }, phase: 'saving' }))
		void store(change)
	},
}))

async function store(change: Partial<Settings>): Promise<void> {
	try {
		stored = await client.call('settings.set', change)
		pending -= 1
		// While a later change is on its way, what is shown is newer than this answer.
		if (pending === 0) useSettings.setState({ settings: stored, phase: 'saved' })
	} catch (error) {
		pending -= 1
		if (pending === 0) useSettings.setState({ settings: stored, phase: 'failed' })
		showError(error)
	}
}

/** Reads the stored settings. */
export async function loadSettings(): Promise<void> {
	try {
		stored = await client.call('settings.get', {})
		useSettings.setState({ settings: stored, loaded: true })
	} catch (error) {
		showError(error)
	}
}
