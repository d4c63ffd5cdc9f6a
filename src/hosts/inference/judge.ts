import { createHash } from 'node:crypto'
import type { Gate, Prediction } from '../../common/contract/analysis.ts'
import { readAnswer } from './answer.ts'
import { addLikenessCheck, distanceOf, negativeOf } from './likeness.ts'
import { runChecked, type Network } from './network.ts'
import type { Prepared } from './prepared.ts'

/** Logits of one image, and how far it is from the training images (null where the pack does not say what these are like). */
export async function runNetwork({ session, manifest, likeness }: Network, tensor: Float32Array): Promise<{ logits: number[]; distance: number | null }> {
	const { input, outputs, labels } = manifest
	const feeds = { [input.name]: { values: tensor, dims: [1, 3, input.height, input.width] } }
	const layer = likeness ? { [likeness.output]: [1, likeness.shape.channels, likeness.shape.height, likeness.shape.width] } : {}
	const results = await runChecked(session, feeds, { [outputs.logits]: [1, labels.length], ...layer })
	const activations = likeness && results[likeness.output]
	return { logits: Array.from(results[outputs.logits] ?? []), distance: likeness && activations ? distanceOf(activations, likeness) : null }
}

/** The whole gate on a prepared Frame, and the network's logits where it was asked; they count only where the gate is open. */
export async function judge(network: Network, { gate, tensor }: Prepared): Promise<{ gate: Gate; logits: number[]; milliseconds: number }> {
	const { manifest, likeness } = network
	const limit = likeness?.limit ?? null
	if (!tensor) return { gate: addLikenessCheck(gate, null, limit), logits: [], milliseconds: 0 }
	const started = performance.now()
	const { logits, distance } = await runNetwork(network, tensor)
	const milliseconds = performance.now() - started
	// The negative of stained tissue is nothing that anybody would open.
	const negative = distance !== null && manifest.domain === 'chest-radiograph' ? (await runNetwork(network, negativeOf(tensor, manifest.input))).distance : null
	return { gate: addLikenessCheck(gate, distance === null ? null : { image: distance, negative }, limit), logits, milliseconds }
}

/** The network's answer on a prepared Frame, and what its logits mean. */
export async function answerOn(network: Network, prepared: Prepared, decodeMilliseconds: number): Promise<Prediction> {
	const { manifest } = network
	const { tensor, inputSha256, lungs, region } = prepared
	const started = performance.now()
	const { gate, logits, milliseconds: ran } = await judge(network, prepared)
	const about = { model: { id: manifest.id, version: manifest.version, sha256: manifest.sha256 }, inputSha256, gate, lungs, region, abstentionThreshold: manifest.abstention.threshold }
	const milliseconds = () => ({ decode: decodeMilliseconds, preprocess: prepared.preprocess, run: ran, total: prepared.total + performance.now() - started })
	// Fail closed: where the gate refuses, no number of the network leaves this host.
	if (!tensor || !gate.ok) return { ...about, tensorSha256: null, labels: [], abstained: false, milliseconds: milliseconds() }
	const tensorSha256 = createHash('sha256').update(new Uint8Array(tensor.buffer)).digest('hex')
	return { ...about, tensorSha256, ...readAnswer(logits, manifest), milliseconds: milliseconds() }
}
