import { parentPort } from 'node:worker_threads'
import { UserError } from '../../../../common/contract/procedures.ts'
import type { ImageReply, ImageRequest } from './jobs.ts'
import { look } from './look.ts'
import { makeBatch } from './makeBatch.ts'

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
