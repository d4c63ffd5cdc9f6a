/**
 * Runs the self-test of every model pack in this very process, so that the processor can be another one: under an emulator, which takes other
 * instructions. Run: node scripts/selfTestPacks.ts [FOLDER...], or qemu-x86_64 -cpu Nehalem "$(node -p process.execPath)" scripts/selfTestPacks.ts
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { modelManifestSchema } from '../src/common/contract/model.ts'
import { isLungPack } from '../src/main/models/pack.ts'
import { openNetwork } from '../src/hosts/inference/network.ts'
import { selfTestDifference } from '../src/hosts/inference/selfTest.ts'
import { goldenLogits } from '../src/hosts/training/evaluation/classifier.ts'

const models = resolve(import.meta.dirname, '../resources/models')
const folders = process.argv.length > 2 ? process.argv.slice(2) : readdirSync(models).map((name) => join(models, name)).filter((folder) => !isLungPack(folder))
for (const folder of folders) {
	const manifest = modelManifestSchema.parse(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')))
	const { session } = await openNetwork(folder, manifest)
	try {
		const difference = selfTestDifference(await goldenLogits(session, { ...manifest, labels: manifest.labels.length }), manifest.golden)
		process.stdout.write(`${manifest.id}: largest difference to the golden logits ${difference.toExponential(1)}, allowed ${manifest.golden.tolerance}\n`)
	} finally {
		await session.release()
	}
}
