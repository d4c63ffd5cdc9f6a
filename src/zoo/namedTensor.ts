/** A tensor of a weights file. */
export interface NamedTensor {
	dims: readonly number[]
	/** In row-major order, as a copy. @throws Error when the file keeps them in a type that no weight has. */
	values(): Float32Array
}

export type NamedTensors = ReadonlyMap<string, NamedTensor>
