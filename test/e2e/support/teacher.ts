import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelManifest } from '../../../src/common/contract/model.ts'
import { readModel, writeModel, type ValueInfo } from '../../../src/onnx/model.ts'
import { packDirectory, packManifest } from '../../support/inferenceFixtures.ts'
import { callingTwo } from './fixtureStudent.ts'

/** The block before the last reduction of the built-in network: 8 x 8 where its own layers for maps are 4 x 4. */
const MIDDLE = { name: 'middle', output: '/m/f/f.18/Add_output_0', channels: 136, height: 8, width: 8 }

/**
 * Puts a teacher into the user's folder of packs: the built-in network, whose maps are made at an earlier and finer layer. It gives the same
 * answers and other maps.
 */
export function addTeacher(home: string, change: Partial<ModelManifest> = {}): ModelManifest {
	const id = change.id ?? 'teacher'
	const directory = join(home, 'models', id)
	mkdirSync(directory, { recursive: true })
	const model = readModel(readFileSync(join(packDirectory, 'model.onnx')))
	const dims = [{ unknown: [], dimValue: undefined, dimParam: 'batch' }, ...[MIDDLE.channels, MIDDLE.height, MIDDLE.width].map((size) => ({ unknown: [], dimValue: BigInt(size), dimParam: undefined }))]
	const output: ValueInfo = { unknown: [], name: MIDDLE.output, type: { unknown: [], tensorType: { unknown: [], elemType: 1, shape: { unknown: [], dim: dims } } } }
	const graph = writeModel({ ...model, producerName: id, graph: model.graph && { ...model.graph, output: [...model.graph.output, output] } })
	const manifest: ModelManifest = {
		...callingTwo(packManifest), id, title: 'The same network, its maps made at an earlier layer', role: 'teacher', sha256: createHash('sha256').update(graph).digest('hex'),
		outputs: { ...packManifest.outputs, camLayers: [MIDDLE], defaultCamLayer: MIDDLE.name }, ...change,
	}
	writeFileSync(join(directory, 'model.onnx'), graph)
	writeFileSync(join(directory, 'model.json'), JSON.stringify(manifest))
	return manifest
}
