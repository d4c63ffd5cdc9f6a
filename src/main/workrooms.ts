import type { SystemStatus } from '../common/contract/system.ts'
import type { Answers } from './answers/answers.ts'
import type { Explanations } from './answers/explanations.ts'
import type { ModelLoader } from './answers/modelLoader.ts'
import type { EventHub } from './eventHub.ts'
import type { Uploads } from './api/uploads.ts'
import type { FrameCache } from './library/frameCache.ts'
import type { Imports } from './library/imports.ts'
import type { Library } from './library/library.ts'
import type { Registry } from './models/registry.ts'
import type { ReportWriter } from './reports/writer.ts'
import type { SettingsStore } from './settings.ts'
import type { Supervisor } from './supervisor/supervisor.ts'
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
	events: EventHub
	training: TrainingDesk
	trainingJobs: Jobs
	/** Folder of the recipes that come with the program. */
	recipes: string
	status(): SystemStatus
}
