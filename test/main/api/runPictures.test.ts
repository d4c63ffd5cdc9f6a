import { appendFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { routes } from '../../../src/common/contract/procedures.ts'
import { worstErrors } from '../../../src/hosts/training/review/worst.ts'
import { startRun } from '../../../src/hosts/training/runs/run.ts'
import { runControl, smallRecipe, writeSmallData } from '../../support/smallRun.ts'
import { newHome, removeHome, startWorkstation, type TestWorkstation } from '../../support/workstation.ts'

let home: string
let data: string
let workstation: TestWorkstation
let id: string
/** Ids of test images, the worst first. */
let images: string[]

beforeAll(async () => {
	home = await newHome()
	const parts = await writeSmallData(home)
	data = parts.data
	const run = await startRun({ recipe: smallRecipe(parts, { epochs: 1 }), title: 'recipe.json', base: home }, { runs: join(home, 'runs'), cache: join(home, 'cache', 'training'), models: [], lungs: { fault: 'None.' }, softwareVersion: '0.0.0' }, runControl())
	id = run.id
	images = worstErrors(join(home, 'runs'), id, 'test', 24).samples.map((sample) => sample.id)
	workstation = await startWorkstation(home)
})
afterAll(async () => {
	await workstation.close()
	await removeHome(home)
})

const ask = (path: string) => workstation.program.handle(new Request(`http://program${path}`))

describe('pictures of images that a run has answered on', () => {
	let image: string
	beforeEach(() => (image = images.shift() ?? ''))

	it('are PNG files of the image and of nothing else', async () => {
		const found = await ask(routes.runPicture(id, image, 'small'))
		expect([found.status, found.headers.get('content-type')]).toEqual([200, 'image/png'])
		expect(await sharp(Buffer.from(await found.arrayBuffer())).metadata()).toMatchObject({ format: 'png', width: 32, height: 32 })
		for (const name of ['manifest.csv', '../student.onnx', `${'../'.repeat(8)}etc/passwd`]) {
			const refused = await ask(routes.runPicture(id, name, 'small'))
			expect([refused.status, (await refused.text()).trim()]).toEqual([422, `The run ${id} has not answered on an image ${name}.`])
		}
		for (const path of [routes.runPicture('..', image, 'small'), routes.runPicture('None', image, 'small'), routes.runPicture(id, '', 'small'), routes.runPicture(id, image, 'small').replace('small', 'constructor')]) {
			expect((await ask(path)).status).not.toBe(200)
		}
	})

	it('say that the image has changed, or is gone', async () => {
		const path = join(data, image)
		await appendFile(path, 'x')
		const changed = await ask(routes.runPicture(id, image, 'large'))
		expect([changed.status, (await changed.text()).trim()]).toEqual([422, `${image}: The file is no longer what it was when it was looked at. What the run answered on it is kept.`])
		await rm(path)
		const gone = await ask(routes.runPicture(id, image, 'large'))
		expect([gone.status, (await gone.text()).trim()]).toEqual([422, `${image} is no longer there. What the run answered on it is kept.`])
	})

	it('are of any bytes where the run has noted none', async () => {
		await writeFile(join(home, 'runs', id, 'images.json'), '[]')
		await appendFile(join(data, image), 'x')
		expect((await ask(routes.runPicture(id, image, 'small'))).status).toBe(200)
	})
})

describe('a map of such an image', () => {
	it('is made by the window with progress, and cancelled by name', async () => {
		const image = images.at(-1) ?? ''
		const told = workstation.next('training.job', ({ jobId }) => jobId === 'map-1')
		const state = await workstation.call('training.map', { jobId: 'map-1', id, image })
		expect(state).toMatchObject({ exact: true, channels: 6 })
		expect(await told).toMatchObject({ phase: 'map', of: 6 })
		const cancelled = expect(workstation.call('training.map', { jobId: 'map-2', id, image: images.at(-2) ?? '' })).rejects.toThrow('Cancelled.')
		await workstation.call('training.cancelMap', { jobId: 'map-2' })
		await cancelled
	})
})
