import { parentPort } from 'node:worker_threads'
import { UserError } from '../../../../common/contract/procedures.ts'
import { luminance } from '../../../../common/imaging/window.ts'
import { pillowResize } from '../../../inference/pillowResize.ts'
import { THUMBNAIL_SIDE } from '../nearDuplicates.ts'
import { makeBatch } from './makeBatch.ts'
import type { ImageReply, ImageRequest, LookAnswer, LookJob } from './jobs.ts'
import { openImage, type ShownImage } from './openImage.ts'
import { tissueLooksOf } from './tissueLooks.ts'

const port = parentPort
if (!port) throw new Error('This file is the beginning of a worker thread.')

port.on('message', (request: ImageRequest) => {
	if (request === 'close') port.close()
	else void answer(request)
})

async function answer({ number, job }: Exclude<ImageRequest, 'close'>): Promise<void> {
	try {
		if (job.kind === 'look') send({ number, answer: await look(job) })
		else {
			const batch = await makeBatch(job)
			send({ number, answer: batch }, [batch.images.buffer])
		}
	} catch (error) {
		const known = error instanceof Error ? error : new Error(String(error))
		send(known instanceof UserError ? { number, refused: known.message } : { number, fault: known.stack ?? known.message })
	}
}

function send(reply: ImageReply, transfer: ArrayBuffer[] = []): void {
	port?.postMessage(reply, transfer)
}

async function look({ path, tissue }: LookJob): Promise<LookAnswer> {
	const image = await openImage(path, tissue ? 'rgb' : 'grey')
	const { sha256, width, height } = image
	const grey = greyOf(image)
	return { sha256, width, height, thumbnail: pillowResize(grey, width, height, THUMBNAIL_SIDE, THUMBNAIL_SIDE), tissue: tissue ? tissueLooksOf(image.planes, grey, width, height) : null }
}

function greyOf({ planes: [first = new Uint8Array(), second, third] }: ShownImage): Uint8Array {
	return second && third ? first.map((red, index) => luminance(red, second[index] as number, third[index] as number)) : first
}
