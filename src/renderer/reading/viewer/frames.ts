import type { Frame } from '../../../common/contract/frame.ts'
import { routes } from '../../../common/contract/procedures.ts'
import { decodeFrame } from '../../../common/imaging/frameFile.ts'
import type { LightBox } from '../readingStore.ts'

const frames = new Map<string, Frame>()
const LONGEST_REASON = 500

/** The image's name in Cornerstone: "frame:<instance>/<frame>". */
export function imageIdOf(image: LightBox): string {
	return `frame:${image.instanceId}/${image.frameIndex}`
}

/** A Frame that is shown at present; undefined for any other. */
export function frameOf(imageId: string): Frame | undefined {
	return frames.get(imageId)
}

/** Keeps the Frames that are shown and lets go of the others. */
export function keepFrames(shown: ReadonlySet<string>): void {
	for (const imageId of frames.keys()) if (!shown.has(imageId)) frames.delete(imageId)
}

/** @throws Error in words for the person; AbortError when the signal ends it. */
export async function loadFrame(image: LightBox, signal: AbortSignal): Promise<Frame> {
	const imageId = imageIdOf(image)
	const known = frames.get(imageId)
	if (known) return known
	const frame = decodeFrame(await fetchFrame(image, signal))
	if (signal.aborted) throw signal.reason
	frames.set(imageId, frame)
	return frame
}

async function fetchFrame(image: LightBox, signal: AbortSignal): Promise<ArrayBuffer> {
	let response: Response
	try {
		response = await fetch(routes.frame(image.instanceId, image.frameIndex), { signal })
	} catch (error) {
		if (signal.aborted) throw error
		throw new Error('The image could not be fetched: the workstation did not answer.', { cause: error })
	}
	if (response.ok) return response.arrayBuffer()
	const reason = response.headers.get('content-type')?.startsWith('text/plain') ? (await response.text()).trim() : ''
	throw new Error(reason.slice(0, LONGEST_REASON) || `The image could not be fetched: the workstation answered with status ${response.status}.`)
}
