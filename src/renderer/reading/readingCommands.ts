import type { Command } from '../app/commands.ts'
import { deskCommands } from './deskCommands.ts'
import { mapCommands } from './map/mapCommands.ts'
import { panelCommands } from './panels/PanelCommands.tsx'
import { viewerCommands } from './viewer/commands.ts'

/** Every command of the reading room, for the list of keys while the room is not shown. */
export function readingCommands(): Command[] {
	return [...deskCommands(), ...viewerCommands(), ...panelCommands(), ...mapCommands()]
}
