import { join } from 'node:path'
import type { ModelManifest } from '../../../common/contract/model.ts'
import { openModel } from '../evaluation/openModel.ts'

/** Opens a pack's network, lets it answer on the golden input and gives its memory back. @throws UserError where it is not what its manifest says, or answers otherwise. */
export async function testPack(directory: string, manifest: ModelManifest): Promise<{ selfTestDifference: number }> {
	const model = await openModel(join(directory, 'model.onnx'), manifest)
	await model.release()
	return { selfTestDifference: model.selfTestDifference }
}
