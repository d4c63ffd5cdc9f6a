import type { Domain } from '../contract/model.ts'

/** What networks read, for headings; in a sentence in small letters. */
export const KIND_TITLES: Record<Domain, string> = { 'chest-radiograph': 'Chest radiographs', histology: 'Histology patches' }

/** "chest radiographs". */
export function kindInWords(domain: Domain): string {
	return KIND_TITLES[domain].toLowerCase()
}
