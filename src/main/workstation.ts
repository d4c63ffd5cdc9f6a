import { createHash } from 'node:crypto'
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { phantomDicomFile } from '../common/imaging/phantomDicom.ts'
import { UserError } from '../common/contract/procedures.ts'
import type { SystemStatus } from '../common/contract/system.ts'
import type { ReadyModel } from '../common/contract/model.ts'
import { createAnswers } from './answers/answers.ts'
import { createExplanations } from './answers/explanations.ts'
import { openBatchSizes } from './answers/batchSizes.ts'
import { createModelLoader } from './answers/modelLoader.ts'
import { createBodies } from './api/bodies.ts'
import { dispatch } from './api/dispatch.ts'
import { createEventHub } from './eventHub.ts'
import { createHandlers } from './api/handlers.ts'
import { openPictures } from './api/pictures.ts'
import { createRunPictures } from './api/runPictures.ts'
import { createSamplePictures } from './api/samplePictures.ts'
import { openThumbnails } from './api/thumbnails.ts'
import { openUploads } from './api/uploads.ts'
import { createLearning } from './learning/learning.ts'
import { openFrameCache } from './library/frameCache.ts'
import { createImports } from './library/imports.ts'
import { cleanLibrary, openLibrary } from './library/library.ts'
import { findInstance } from './library/studies.ts'
import { sweepObjects } from './library/sweep.ts'
import { countStudies } from './library/worklist.ts'
import { takeOverStudent } from './models/choice.ts'
import { createRegistry, type Place } from './models/registry.ts'
import { createCandidates } from './promotion/candidates.ts'
import { createComparisons } from './promotion/comparisons.ts'
import { finishInterrupted } from './promotion/intent.ts'
import { createPackFiles } from './promotion/packFiles.ts'
import { createPromotions } from './promotion/promotions.ts'
import { createReportWriter } from './reports/writer.ts'
import { openSettings } from './settings.ts'
import type { Program, SpawnHost } from './shell/shell.ts'
import { createSupervisor, type SupervisorOptions } from './supervisor/supervisor.ts'
import { openDataSets } from './training/dataSets.ts'
import { createTrainingDesk } from './training/desk.ts'
import { openDeskFile } from './training/deskFile.ts'
import { createGiveWay } from './training/giveWay.ts'
import { createJobs } from './training/jobs.ts'
import { trainingPlaces } from './training/places.ts'
import { SOFTWARE_VERSION } from './version.ts'
import type { Workrooms } from './workrooms.ts'

export interface WorkstationOptions {
	home: string
	shell: SystemStatus['shell']
	shellReason: string
	spawn: SpawnHost
	entries: SupervisorOptions['entries']
	/** Folder of the built page. */
	page: string
	builtInModels: string
	/** Folder of the recipes that come with the program. */
	recipes: string
}

export interface Workstation {
	program: Program
	rooms: Workrooms
	/** Starts both hosts and loads the models, before the first film asks for them, and goes on with the runs that were interrupted; a window wants that, a short command does not. */
	warmUp(): void
	importPaths(paths: string[]): void
	/** Imports the synthetic chest phantom. @returns the number of its study. */
	importSample(): Promise<number>
}

/** Asked of the file system at most this often; it is shown, not relied on. */
const DISK_MILLISECONDS = 10_000

/** Objects that a crash left without a row are removed when the person has had time to begin. */
const SWEEP_MILLISECONDS = 120_000

/** The composition root: opens the home folder and puts the rooms together. Closing is the program's. */
export async function createWorkstation(options: WorkstationOptions): Promise<Workstation> {
	const home = resolve(options.home)
	await mkdir(home, { recursive: true })
	const events = createEventHub()
	let announcing = false
	let closed = false
	let warm = false
	const settings = openSettings(home)
	const library = openLibrary(home)
	await cleanLibrary(library)
	finishInterrupted({ home, library, settings })
	const supervisor = createSupervisor({ spawn: options.spawn, entries: options.entries, onChange: changed })
	const registry = createRegistry({ builtIn: options.builtInModels, user: join(home, 'models'), selected: () => settings.get() })
	takeOverStudent(settings, registry.studentById)
	const loader = createModelLoader(supervisor, openBatchSizes(home), announce, () => registry.lungs())
	const frames = await openFrameCache({ home, library, hosts: supervisor })
	const uploads = await openUploads(home)
	const thumbnails = await openThumbnails({ home, library, frames, hosts: supervisor })
	const imports = createImports({ library, hosts: supervisor, events })
	const dataSets = await openDataSets({ home, library, hosts: supervisor, events })
	const pictures = await openPictures({ home, hosts: supervisor })
	const samplePictures = createSamplePictures({ pictures, dataSets })
	const runPictures = createRunPictures({ pictures, hosts: supervisor, places: () => trainingPlaces({ home, registry }) })

	const places = (): Place[] => {
		const found = registry.places()
		if (found.length === 0) throw new UserError(registry.studentFault())
		return found
	}
	const lungsSha256 = () => {
		const pack = registry.lungs()
		return 'fault' in pack ? null : pack.manifest.sha256
	}
	const answers = createAnswers({ library, frames, hosts: supervisor, loader, events, softwareVersion: SOFTWARE_VERSION, places, lungs: lungsSha256 })
	const explanations = createExplanations({ library, frames, hosts: supervisor, loader, events, modelBySha256: (sha256) => registry.bySha256(sha256) })
	const candidates = createCandidates({ home, registry })
	const comparisons = createComparisons({ home, library, registry, candidates, hosts: supervisor, events })
	const promotions = createPromotions({ home, library, settings, registry, candidates, hosts: supervisor, softwareVersion: SOFTWARE_VERSION, onChange: readAnew })
	const packFiles = createPackFiles({ registry, candidates })
	const learning = createLearning({ home, library, frames, hosts: supervisor, registry, dataSets, events })
	const reports = createReportWriter({ library, frames, hosts: supervisor, settings, softwareVersion: SOFTWARE_VERSION })

	let freeBytes = 0
	const lookAtDisk = async () => {
		const disk = await statfs(home).catch(() => null)
		if (disk) freeBytes = disk.bavail * disk.bsize
	}
	await lookAtDisk()
	const diskTimer = setInterval(() => void lookAtDisk(), DISK_MILLISECONDS)
	diskTimer.unref()
	const sweepTimer = setTimeout(() => void sweepObjects(library).catch(() => {}), SWEEP_MILLISECONDS)
	sweepTimer.unref()

	const training = createTrainingDesk({
		hosts: supervisor, events, file: openDeskFile(home), places: () => trainingPlaces({ home, registry }), base: home,
		inUse: () => registry.readers().flatMap(({ student, teacher }) => (teacher ? [student, teacher] : [student])),
	})
	const giveWay = createGiveWay({ hosts: supervisor, works: () => training.works(), onChange: (gives) => training.giveWay(gives) })

	events.subscribe((event) => void (event === 'training.changed' && giveWay.look()))

	const rooms: Workrooms = {
		home, library, frames, imports, uploads, settings, supervisor, registry, loader, answers, explanations, reports, dataSets, events, status,
		candidates, comparisons, promotions, packFiles, learning, readAnew,
		training, trainingJobs: createJobs((progress) => events.emit('training.job', progress)), recipes: options.recipes,
	}
	const handlers = createHandlers(rooms)

	supervisor.onStarted((host) => {
		if (host === 'inference' && warm) loadModels()
	})
	supervisor.onStopped((host) => {
		if (host === 'inference') loader.forget()
	})

	function loadModels(): void {
		for (const model of [registry.student(), registry.teacher()]) if (model) loader.ready(model).catch(() => {})
	}

	function status(): SystemStatus {
		const [first, ...others] = registry.readers().map((reader) => ({ student: reference(reader.student), teacher: reader.teacher && reference(reader.teacher) }))
		return {
			version: SOFTWARE_VERSION,
			shell: options.shell,
			shellReason: options.shellReason,
			home,
			hosts: supervisor.status(),
			student: first?.student ?? null,
			teacher: first?.teacher ?? null,
			others,
			studentFault: [registry.studentFault(), ...registry.readers().map(({ student }) => loader.fault(student.manifest.sha256))].filter((fault) => fault !== '').join(' '),
			freeBytes,
			studies: countStudies(library),
		}
	}

	function readAnew(): void {
		supervisor.recycle('inference')
		events.emit('system.changed', status())
	}

	function changed(): void {
		announce()
		giveWay.look()
	}

	/** Many changes in one turn are told once. */
	function announce(): void {
		if (announcing) return
		announcing = true
		setTimeout(() => {
			announcing = false
			if (!closed) events.emit('system.changed', status())
		}, 50).unref()
	}

	const program: Program = {
		call: (name, input) => dispatch(handlers, name, input),
		handle: createBodies({ library, frames, thumbnails, samplePictures, runPictures, uploads, reports, packFiles, page: options.page }),
		subscribe: (listener) => events.subscribe(listener),
		unfinished: () => training.unfinished(),
		async close() {
			closed = true
			giveWay.end()
			await training.close()
			clearInterval(diskTimer)
			clearTimeout(sweepTimer)
			// Told to end before their host is gone, so that no file is called refused for that.
			const ended = Promise.all([imports.close(), dataSets.close()])
			supervisor.stop()
			await ended
			library.close()
		},
	}

	return {
		program,
		rooms,
		warmUp() {
			warm = true
			supervisor.start('imaging')
			loadModels()
			void training.begin().catch((error: unknown) => events.emit('notice', { level: 'error', message: `The runs that were interrupted could not be looked for. ${error instanceof Error ? error.message : String(error)}`, detail: '' }))
		},
		importPaths: (paths) => void imports.startPaths(paths.map((path) => resolve(path))),
		async importSample() {
			const path = join(home, 'uploads', 'phantom.dcm')
			const bytes = phantomDicomFile()
			await writeFile(path, bytes)
			imports.start('sample', [{ path, name: 'chest phantom.dcm' }], () => rm(path, { force: true }))
			await imports.settled()
			const instance = findInstance(library, createHash('sha256').update(bytes).digest('hex'))
			if (!instance) throw new UserError('The phantom could not be imported.')
			return instance.studyId
		},
	}
}

function reference({ manifest }: ReadyModel) {
	return { id: manifest.id, version: manifest.version, sha256: manifest.sha256, title: manifest.title }
}
