import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where studies, settings and the user's own model packs are kept when nobody says otherwise: each system's usual place. */
export function defaultHome(): string {
	const { APPDATA, XDG_DATA_HOME } = process.env
	if (process.platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Negatoscope')
	if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Negatoscope')
	return join(XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'negatoscope')
}
