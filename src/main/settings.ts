import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { settingsSchema, type Settings } from '../common/contract/system.ts'

export interface SettingsStore {
	get(): Settings
	/** @returns the settings after the change, which is on the disk by then. @throws where it cannot be written; the settings stay then. */
	set(change: Partial<Settings>): Settings
}

/** Settings in <home>/settings.json. A file that cannot be read is kept beside as settings.json.bad and replaced by defaults. */
export function openSettings(home: string): SettingsStore {
	const path = join(home, 'settings.json')
	let settings = read(path)
	return {
		get: () => settings,
		set(change) {
			const changed = settingsSchema.parse({ ...settings, ...change })
			mkdirSync(dirname(path), { recursive: true })
			const temporary = `${path}.${process.pid}.tmp`
			try {
				writeFileSync(temporary, `${JSON.stringify(changed, null, '\t')}\n`)
				renameSync(temporary, path)
			} catch (error) {
				rmSync(temporary, { force: true })
				throw error
			}
			settings = changed
			return settings
		},
	}
}

function read(path: string): Settings {
	let text: string
	try {
		text = readFileSync(path, 'utf8')
	} catch {
		return settingsSchema.parse({})
	}
	try {
		return settingsSchema.parse(JSON.parse(text))
	} catch {
		renameSync(path, `${path}.bad`)
		return settingsSchema.parse({})
	}
}
