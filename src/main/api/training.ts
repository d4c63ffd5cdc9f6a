import { join } from 'node:path'
import type { Handlers } from '../../common/contract/procedures.ts'
import { trainingPlaces } from '../training/places.ts'
import { trainingTemplates } from '../training/templates.ts'
import { withThreads } from '../training/threads.ts'
import type { Workrooms } from '../workrooms.ts'

export function trainingHandlers(rooms: Workrooms) {
	const { home, recipes, supervisor, training, trainingJobs } = rooms
	const places = () => trainingPlaces(rooms)
	return {
		'training.templates': () => trainingTemplates({ recipes, base: home, models: places().models }),
		'training.preflight': ({ jobId, recipe }) => trainingJobs.run(jobId, async (signal, tell) => {
			const goesOn = training.unfinished()
			const preflight = await supervisor.call('review', 'preflight', { recipe: withThreads(recipe), title: 'The recipe', base: home, places: places() }, {
				signal, subject: 'a recipe', onProgress: (progress) => void (progress.kind === 'phase' && tell(progress.phase, progress.done, progress.of)),
			})
			return goesOn === null ? preflight : { ...preflight, checks: [...preflight.checks, { name: 'warning', ok: true, detail: `${goesOn} Time and free memory are what it leaves.` }] }
		}),
		'training.cancelPreflight': ({ jobId }) => {
			trainingJobs.cancel(jobId)
			return {}
		},
		'training.augmentationPreview': ({ jobId, ...request }) => trainingJobs.run(jobId, (signal, tell) => supervisor.call('review', 'augmentationPreview', { ...request, title: 'The recipe', base: home, places: places() }, {
			signal, subject: 'a recipe', onProgress: ({ done, of }) => tell('pictures', done, of),
		})),
		'training.networks': (request) => supervisor.call('review', 'recipeNetworks', { ...request, title: 'The recipe', base: home, places: places() }),
		'training.list': () => training.list(),
		'training.start': ({ recipe }) => training.start(recipe),
		'training.pause': async ({ id }) => {
			await training.pause(id)
			return {}
		},
		'training.resume': ({ id }) => training.resume(id),
		'training.cancel': async ({ id }) => {
			await training.cancel(id)
			return {}
		},
		'training.removal': ({ id }) => training.removal(id),
		'training.remove': async ({ id }) => {
			await training.remove(id)
			return {}
		},
		'training.recipe': async ({ id }) => ({ recipe: await training.recipe(id) }),
		'training.metrics': (request) => supervisor.call('review', 'metrics', { ...request, places: places() }),
		'training.log': (request) => supervisor.call('review', 'log', { ...request, places: places() }),
		'training.detail': (request) => supervisor.call('review', 'detail', { ...request, places: places() }),
		'training.curves': (request) => supervisor.call('review', 'curves', { ...request, places: places() }),
		'training.worst': (request) => supervisor.call('review', 'worst', { ...request, places: places() }),
		'training.map': ({ jobId, ...request }) => trainingJobs.run(jobId, (signal, tell) => supervisor.call('review', 'map', { ...request, places: places() }, {
			signal, subject: request.image, onProgress: ({ done, of }) => tell('map', done, of),
		})),
		'training.cancelMap': ({ jobId }) => {
			trainingJobs.cancel(jobId)
			return {}
		},
		'training.compare': (request) => supervisor.call('review', 'compare', { ...request, places: places() }),
		'zoo.list': (request) => supervisor.call('training', 'zooList', request),
		'zoo.search': ({ jobId, ...request }) => trainingJobs.run(jobId, (signal, tell) => supervisor.call('training', 'zooSearch', { ...request, timesFile: join(home, 'block-times.json') }, {
			signal, onProgress: ({ done, of }) => tell('blocks of networks', done, of),
		})),
		'zoo.cancelSearch': ({ jobId }) => {
			trainingJobs.cancel(jobId)
			return {}
		},
	} satisfies Partial<Handlers>
}
