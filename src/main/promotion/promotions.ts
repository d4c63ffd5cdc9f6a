import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReadyModel } from '../../common/contract/model.ts'
import type { CandidateReference, ComparedModel, ComparisonRow, Decision, DecisionContent, Decisions, Signature } from '../../common/contract/promotion.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { getComparison } from '../library/comparisons.ts'
import { inTransaction } from '../library/database.ts'
import { lastHash, readDecisions, saveDecision } from '../library/decisions.ts'
import { temporaryName } from '../library/home.ts'
import type { Library } from '../library/library.ts'
import { copyPack, moveIntoPlace } from '../models/copyPack.ts'
import { comparedModel, isSamePack } from '../models/identity.ts'
import { NO_TEACHER, type Registry } from '../models/registry.ts'
import { freeId } from '../names.ts'
import type { SettingsStore } from '../settings.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import type { Candidates } from './candidates.ts'
import { clearIntent, writeIntent } from './intent.ts'

type Role = DecisionContent['role']

/** A copy that is whole and tested, and the folder that it becomes. */
interface Staged {
	from: string
	to: string
}

/** Signed decisions about which model reads. */
export interface Promotions {
	/**
	 * Accepted: the candidate's pack is installed whole, tested and selected. Declined: everything stays. Either is signed and kept for ever.
	 * @throws UserError where a comparison is of another candidate, of another pack than it is now or against another model than reads now; where the pack cannot be
	 * installed; nothing is changed then.
	 */
	decide(request: Signature & { candidate: CandidateReference; kind: 'accepted' | 'declined'; comparisonIds: readonly number[] }): Promise<Decision>
	/**
	 * The model that read before the last promotion that stands reads again.
	 * @throws UserError where nothing was promoted, or that model's pack is gone; nothing is changed then.
	 */
	rollBack(request: Signature & { role: Role }): Promise<Decision>
	list(): Decisions
}

export interface PromotionsOptions {
	home: string
	library: Library
	settings: SettingsStore
	registry: Registry
	candidates: Candidates
	hosts: HostCaller
	softwareVersion: string
	/** After a change of the reading model. */
	onChange(): void
}

export function createPromotions(options: PromotionsOptions): Promotions {
	const { home, library, settings, registry, candidates, hosts, softwareVersion } = options
	let busy = false

	/** One at a time: each looks at what reads now. */
	async function alone<Result>(work: () => Promise<Result>): Promise<Result> {
		if (busy) throw new UserError('Another decision about a model is just being carried out. Try again.')
		busy = true
		try {
			return await work()
		} finally {
			busy = false
		}
	}

	/** The pack that a candidate is read from when it is promoted: the installed one with the same network, or a copy in the temporary folder. */
	async function prepare(pack: ReadyModel): Promise<{ model: ReadyModel; staged: Staged | null }> {
		const there = registry.bySha256(pack.manifest.sha256)
		if (there) {
			if (!isSamePack(there.manifest, pack.manifest)) throw new UserError(`The installed pack ${there.manifest.id} has the same network with another description. Two packs of one network cannot be told apart: remove that one first.`)
			await hosts.call('review', 'testPack', there, { subject: there.manifest.title })
			return { model: there, staged: null }
		}
		const models = join(home, 'models')
		const taken = new Set(registry.list().flatMap((entry) => (entry.state === 'ready' ? [entry.manifest.id] : [])))
		const id = freeId(pack.manifest.id, (wanted) => taken.has(wanted) || existsSync(join(models, wanted)))
		const staged: Staged = { from: join(library.paths.temporary, temporaryName()), to: join(models, id) }
		const model = await copyPack(pack, staged.from, id)
		try {
			await hosts.call('review', 'testPack', { directory: staged.from, manifest: model.manifest }, { subject: model.manifest.title })
		} catch (error) {
			await rm(staged.from, { recursive: true, force: true })
			throw error
		}
		return { model, staged }
	}

	/** Signs a decision and changes the setting with it, or neither. */
	async function carryOut(content: Omit<DecisionContent, 'previous'>, staged: Staged | null): Promise<Decision> {
		const { role, decidedAt } = content
		// Asked before there is an intent: what is there already must not be taken for what this leaves behind.
		if (staged && existsSync(staged.to)) throw new UserError(`The folder ${staged.to} is there already; a model pack is never written over.`)
		let decision: Decision
		try {
			writeIntent(home, { role, settings: content.settings, previous: lastHash(library), decidedAt, installed: staged?.to ?? null })
			if (staged) await moveIntoPlace(staged.from, staged.to)
			decision = inTransaction(library.database, () => {
				const signed = saveDecision(library, content)
				settings.set({ [role]: content.settings.after })
				return signed
			})
		} catch (error) {
			// Where even this fails, the intent stays, and the next start ends it.
			if (settings.get()[role] !== content.settings.before) settings.set({ [role]: content.settings.before })
			if (staged) await rm(staged.to, { recursive: true, force: true })
			clearIntent(home)
			registry.list()
			throw error
		}
		clearIntent(home)
		registry.list()
		return decision
	}

	async function accept(pack: ReadyModel, content: Omit<DecisionContent, 'previous' | 'after' | 'settings'>): Promise<Decision> {
		const { model, staged } = await prepare(pack)
		try {
			const decision = await carryOut({ ...content, after: comparedModel(model.manifest), settings: { before: settings.get()[content.role], after: model.manifest.id } }, staged)
			options.onChange()
			return decision
		} finally {
			if (staged) await rm(staged.from, { recursive: true, force: true })
		}
	}

	/** The comparisons that a decision is made on. @throws UserError where one does not fit what is there now. */
	function comparisonsOf(ids: readonly number[], candidate: CandidateReference, pack: ComparedModel, current: ComparedModel): ComparisonRow[] {
		return ids.map((id) => {
			const { row } = getComparison(library, id)
			if (row.candidate.origin !== candidate.origin || row.candidate.id !== candidate.id) throw new UserError(`Comparison ${id} is of another candidate.`)
			if (!isSame(row.models.candidate, pack)) throw new UserError(`The candidate ${pack.title} has changed since comparison ${id}. Compare it again.`)
			if (!isSame(row.models.current, current)) throw new UserError(`Another model reads now (${current.title}) than the one of comparison ${id} (${row.models.current.title}). Compare the candidate again.`)
			return row
		})
	}

	/** The last promotion of a role that no rollback has undone. */
	function lastPromotion(role: Role): Decision | null {
		const { decisions } = readDecisions(library)
		const undone = new Set(decisions.map(({ content }) => content.undoes))
		return decisions.findLast(({ id, content }) => content.kind === 'accepted' && content.role === role && !undone.has(id)) ?? null
	}

	/** Why the model before a promotion cannot read again; '' where it can. */
	function whyNotBack({ content: { before, settings: { before: setting } } }: Decision): string {
		if (!before || registry.bySha256(before.sha256)) return ''
		return `The pack of ${before.title} (${before.id} ${before.version}, ${before.sha256.slice(0, 12)}) is no longer among the model packs${setting === null ? '; it came with the program' : ''}. Put it back into the folder of models and try again.`
	}

	function rollbackOf(role: Role): Decisions['rollback'][Role] {
		const promotion = lastPromotion(role)
		return promotion && { decisionId: promotion.id, to: promotion.content.before, reason: whyNotBack(promotion) }
	}

	/** The setting under which a model reads: what it was, where that still gives this model, else its name. */
	function settingFor(role: Role, { before, settings: { before: setting } }: DecisionContent): string | null {
		const there = before && registry.bySha256(before.sha256)
		if (!there) return role === 'teacher' ? NO_TEACHER : setting
		if (setting !== null) return there.manifest.id
		const chosen = registry.readers({ ...settings.get(), [role]: null })
		return chosen.some((reader) => reader[role] === there) ? null : there.manifest.id
	}

	return {
		decide: ({ candidate, kind, comparisonIds, decidedBy, reason }) => alone(async () => {
			registry.list()
			const pack = candidates.open(candidate)
			const { current, reason: refusal } = candidates.currentFor(pack.manifest)
			if (!current || refusal !== '') throw new UserError(refusal)
			if (comparisonIds.length === 0) throw new UserError(`${pack.manifest.title} has not been compared with ${current.manifest.title}. Compare them first.`)
			const about = comparedModel(pack.manifest)
			const rows = comparisonsOf(comparisonIds, candidate, about, comparedModel(current.manifest))
			const { role } = pack.manifest
			const before = current.manifest.role === role ? comparedModel(current.manifest) : null
			const content = {
				schemaVersion: 1 as const, kind, role, decidedBy, reason, decidedAt: new Date().toISOString(), softwareVersion, candidate: { ...about, reference: candidate },
				comparisons: rows.map(({ id, sha256, verdict }) => ({ id, sha256, outcome: verdict.outcome })), before, undoes: null,
			}
			if (kind === 'accepted') return accept(pack, content)
			const setting = settings.get()[role]
			return saveDecision(library, { ...content, after: before, settings: { before: setting, after: setting } })
		}),

		rollBack: ({ role, decidedBy, reason }) => alone(async () => {
			registry.list()
			const promotion = lastPromotion(role)
			if (!promotion) throw new UserError(`No ${role} was promoted that could be taken back.`)
			const refusal = whyNotBack(promotion)
			if (refusal !== '') throw new UserError(refusal)
			const { before, after } = promotion.content
			const there = before && registry.bySha256(before.sha256)
			const reading = registry.readers().flatMap((reader) => reader[role] ?? [])
			const now = reading.find(({ manifest }) => manifest.sha256 === after?.sha256) ?? reading[0]
			const decision = await carryOut({
				schemaVersion: 1, kind: 'rolled back', role, decidedBy, reason, decidedAt: new Date().toISOString(), softwareVersion, candidate: null, comparisons: [],
				before: now ? comparedModel(now.manifest) : null, after: there ? comparedModel(there.manifest) : null,
				settings: { before: settings.get()[role], after: settingFor(role, promotion.content) }, undoes: promotion.id,
			}, null)
			options.onChange()
			return decision
		}),

		list() {
			const { decisions, fault } = readDecisions(library)
			return { decisions: decisions.toReversed(), fault, rollback: { student: rollbackOf('student'), teacher: rollbackOf('teacher') } }
		},
	}
}

function isSame(one: ComparedModel, other: ComparedModel): boolean {
	return one.sha256 === other.sha256 && one.manifestSha256 === other.manifestSha256
}
