import { readFileSync } from 'node:fs'
import { UserError } from '../../common/contract/procedures.ts'
import type { FoundStudent, ZooEntry, ZooName } from '../../common/contract/training/zoo.ts'
import { modelOfNetwork } from '../../onnx/fromModel.ts'
import { writeModel } from '../../onnx/model.ts'
import type { Network } from '../../onnx/network.ts'
import { assignWeights } from '../../zoo/assignWeights.ts'
import { countMacs, countParameters } from '../../zoo/count.ts'
import { initialWeights } from '../../zoo/initialise.ts'
import { buildNetwork, NETWORKS } from '../../zoo/networks.ts'
import { readWeightFile } from '../../zoo/weightFile.ts'
import { buildStudent } from './buildStudent.ts'
import { writeDurably } from './runs/durable.ts'

function entryOf(name: ZooName, network: Network): ZooEntry {
	const { weighted, attention } = countMacs(network)
	return { name, title: network.title, classes: network.classes, size: network.inputSize, parameters: countParameters(network), macs: weighted + attention }
}

export function zooList(classes: number): ZooEntry[] {
	return NETWORKS.map(({ name }) => entryOf(name as ZooName, buildNetwork(name, { classes })))
}

export interface ZooBuild {
	name: ZooName
	classes: number
	/** Null: the network's usual one. */
	size: number | null
	seed: number
	/** A safetensors file; null: values drawn from the seed. */
	weights: string | null
	output: string
}

/** Writes a network as an ONNX file. @throws UserError where the size is not possible, the weights do not fit or the disk is full. */
export function zooBuild({ name, classes, size, seed, weights, output }: ZooBuild): ZooEntry & { bytes: number } {
	try {
		const network = buildNetwork(name, { classes, ...(size === null ? {} : { inputSize: size }) })
		const values = weights === null ? initialWeights(network, seed) : assignWeights(network, readWeightFile(readFileSync(weights)), seed).weights
		const bytes = writeModel(modelOfNetwork(network, values))
		writeDurably(output, [bytes])
		return { ...entryOf(name, network), bytes: bytes.byteLength }
	} catch (error) {
		if (error instanceof UserError) throw error
		throw new UserError(`${output} was not made: ${error instanceof Error ? error.message : String(error)}`)
	}
}

/** @throws UserError where even the fastest student is too slow. */
export async function zooSearch(
	{ milliseconds, classes, timesFile }: { milliseconds: number; classes: number; timesFile: string }, progress: (done: number, of: number) => void,
): Promise<FoundStudent> {
	const { encoding, parameters, macs, latency, measured } = await buildStudent({ budget: milliseconds, classes, timesFile }, progress)
	const { depths, kernels, expands, width, inputSize } = encoding
	return {
		student: { from: 'ofa', depths: [...depths], kernels: [...kernels], expands: [...expands], width }, size: inputSize, parameters, macs,
		milliseconds: { predicted: latency, measured },
	}
}
