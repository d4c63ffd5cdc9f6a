import type { TrainingAction, TrainingLive, TrainingRun, TrainingState } from '../../common/contract/training/desk.ts'
import type { RunSummary } from '../../common/contract/training/run.ts'
import type { Refused, Waiting } from './deskFile.ts'

/** The run that this program works on. */
export interface AtWork {
	id: string
	/** It has a folder and takes steps, or has taken them. */
	started: boolean
	/** How a person has stopped it; null where nobody has. */
	stop: 'paused' | 'cancelled' | null
	live: TrainingLive
}

/** What is known of a run in different places; at least one of them knows it. */
export interface Known {
	/** Its folder. */
	summary: RunSummary | null
	waiting: Waiting | null
	/** 1 for the next that gets its turn; 0 for the one that works. */
	place: number
	refused: Refused | null
	/** Null where another run works, or none. */
	atWork: AtWork | null
}

/** What can be done with a run in each state. A new run cannot be paused before it has a folder. */
const ACTIONS: Record<TrainingState, readonly TrainingAction[]> = {
	waiting: ['pause', 'cancel'], preparing: ['pause', 'cancel'], running: ['pause', 'cancel'], pausing: ['cancel'], cancelling: [], elsewhere: [],
	interrupted: ['resume', 'cancel'], paused: ['resume', 'cancel'], cancelled: ['resume', 'remove'], failed: ['resume', 'remove'], finished: ['remove'], refused: ['resume', 'remove'],
}

function stateOf({ summary, waiting, refused, atWork }: Known): TrainingState {
	if (atWork) return atWork.stop === 'cancelled' ? 'cancelling' : atWork.stop === 'paused' ? 'pausing' : atWork.started ? 'running' : 'preparing'
	if (waiting) return 'waiting'
	if (summary) return summary.record.state === 'running' ? 'elsewhere' : summary.record.state
	return refused ? 'refused' : 'cancelled'
}

export function rowOf(id: string, known: Known): TrainingRun {
	const { summary, waiting, place, refused, atWork } = known
	const state = stateOf(known)
	return {
		id, state,
		name: summary?.name ?? waiting?.name ?? refused?.name ?? id,
		reason: state === 'failed' ? summary?.record.reason ?? '' : state === 'refused' ? refused?.reason ?? '' : '',
		place: state === 'waiting' ? place : null,
		actions: ACTIONS[state].filter((action) => action !== 'pause' || summary !== null),
		createdAt: summary?.createdAt ?? waiting?.askedAt ?? refused?.askedAt ?? '',
		record: summary?.record ?? null,
		pack: summary?.pack ?? null,
		live: atWork?.live ?? null,
	}
}
