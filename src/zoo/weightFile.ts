import { readModel } from '../onnx/model.ts'
import type { NamedTensors } from './namedTensor.ts'
import { tensorsOfGraph } from './onnxTensors.ts'
import { readSafetensors } from './safetensors.ts'

/** Where a safetensors file has the brace that begins its header, after eight bytes of length; an ONNX file names its versions there. */
const BRACE = { position: 8, byte: 0x7b }

/** The tensors of a safetensors or ONNX file, told apart by their bytes. @throws Error as readSafetensors, or that it is neither. */
export function readWeightFile(file: Uint8Array): NamedTensors {
	if (file[BRACE.position] === BRACE.byte) return readSafetensors(file)
	try {
		return tensorsOfGraph(readModel(file).graph)
	} catch {
		throw new Error('The file is neither a safetensors nor an ONNX file.')
	}
}
