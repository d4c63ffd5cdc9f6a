import { join } from 'node:path'

/** Folder for what is worth remembering of images that were looked at; runs and surveys share it. */
export function trainingCache(home: string): string {
	return join(home, 'cache', 'training')
}
