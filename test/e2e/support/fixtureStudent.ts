import { cpSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ModelManifest } from '../../../src/common/contract/model.ts'
import { packDirectory, wholePackManifest } from '../../support/inferenceFixtures.ts'

/**
 * Puts the student that tests have golden values of into a new home folder, and selects it: for tests of maps and of the desk that must not
 * change with the models that the program ships.
 * @param manifest what it says of itself there.
 */
export function readWithFixture(home: string, manifest: ModelManifest = wholePackManifest): void {
	cpSync(packDirectory, join(home, 'models', basename(packDirectory)), { recursive: true })
	writeFileSync(join(home, 'models', basename(packDirectory), 'model.json'), JSON.stringify(manifest))
	writeFileSync(join(home, 'settings.json'), JSON.stringify({ students: { [manifest.domain]: manifest.id } }))
}

/** On the phantom, which is no patient's film, its own thresholds would make it call what the tests do not look for: with these it calls COVID-19 and Normal. */
const THRESHOLDS: Record<string, number> = { covid19: 0.08, normal: 0.25, pneumonia: 0.9 }

export function callingTwo<Manifest extends Pick<ModelManifest, 'labels' | 'abstention'>>(manifest: Manifest): Manifest {
	return {
		...manifest,
		labels: manifest.labels.map((label) => ({ ...label, operatingPoint: { ...label.operatingPoint, value: THRESHOLDS[label.name] ?? label.operatingPoint.value } })),
		abstention: { ...manifest.abstention, threshold: 0.3 },
	}
}
