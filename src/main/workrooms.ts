import type { SystemStatus } from '../common/contract/system.ts'
import type { Answers } from './answers/answers.ts'
import type { Explanations } from './answers/explanations.ts'
import type { ModelLoader } from './answers/modelLoader.ts'
import type { EventHub } from './eventHub.ts'
import type { Uploads } from './api/uploads.ts'
import type { FrameCache } from './library/frameCache.ts'
import type { Imports } from './library/imports.ts'
import type { Learning } from './learning/learning.ts'
import type { Library } from './library/library.ts'
import type { Registry } from './models/registry.ts'
import type { Candidates } from './promotion/candidates.ts'
import type { Comparisons } from './promotion/comparisons.ts'
import type { PackFiles } from './promotion/packFiles.ts'
import type { Promotions } from './promotion/promotions.ts'
import type { ReportWriter } from './reports/writer.ts'
import type { SettingsStore } from './settings.ts'
import type { Supervisor } from './supervisor/supervisor.ts'
import type { DataSets } from './training/dataSets.ts'
import type { TrainingDesk } from './training/desk.ts'
import type { Jobs } from './training/jobs.ts'

/** The parts of the running main program, as the composition root puts them together. */
export interface Workrooms {
	home: string
	library: Library
	frames: FrameCache
	imports: Imports
	uploads: Uploads
	settings: SettingsStore
	supervisor: Supervisor
	registry: Registry
	loader: ModelLoader
	answers: Answers
	explanations: Explanations
	reports: ReportWriter
	dataSets: DataSets
	events: EventHub
	candidates: Candidates
	comparisons: Comparisons
	promotions: Promotions
	packFiles: PackFiles
	learning: Learning
	/** After a change of the reading model: sessions are never given back inside a process, so it takes a new one. */
	readAnew(): void
	training: TrainingDesk
	trainingJobs: Jobs
	/** Folder of the recipes that come with the program. */
	recipes: string
	status(): SystemStatus
}
