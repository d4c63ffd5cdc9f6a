import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Domain, ReadyModel } from '../../common/contract/model.ts'
import type { CandidateReference, ComparedModel, ComparisonRow, Decision, DecisionContent, Decisions, Signature } from '../../common/contract/promotion.ts'
import { UserError } from '../../common/contract/procedures.ts'
import { getComparison } from '../library/comparisons.ts'
import { inTransaction } from '../library/database.ts'
import { lastHash, readDecisions, saveDecision } from '../library/decisions.ts'
import { temporaryName } from '../library/home.ts'
import type { Library } from '../library/library.ts'
import { copyPack, moveIntoPlace } from '../models/copyPack.ts'
import { chosenIn, choiceOf, withChoice, type Choice } from '../models/choice.ts'
import { comparedModel, isSamePack } from '../models/identity.ts'
import { NO_TEACHER, type Registry } from '../models/registry.ts'
import { freeId } from '../names.ts'
import type { SettingsStore } from '../settings.ts'
import type { HostCaller } from '../supervisor/hostCaller.ts'
import type { Candidates } from './candidates.ts'
import { clearIntent, writeIntent } from './intent.ts'

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
	 * The model that read before a promotion reads again.
	 * @param request decisionId: of the last promotion that stands of a student for its kind of image, or of a teacher.
	 * @throws UserError where it is another one, or the pack of the model before is gone; nothing is changed then.
	 */
	rollBack(request: Signature & { decisionId: number }): Promise<Decision>
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

	/** Signs a decision and changes the choice with it, or neither. */
	async function carryOut(content: Omit<DecisionContent, 'previous'>, choice: Choice, staged: Staged | null): Promise<Decision> {
		const { decidedAt } = content
		const choose = (id: string | null) => settings.set(withChoice(settings.get(), choice, id))
		// Asked before there is an intent: what is there already must not be taken for what this leaves behind.
		if (staged && existsSync(staged.to)) throw new UserError(`The folder ${staged.to} is there already; a model pack is never written over.`)
		let decision: Decision
		try {
			writeIntent(home, { ...choice, settings: content.settings, previous: lastHash(library), decidedAt, installed: staged?.to ?? null })
			if (staged) await moveIntoPlace(staged.from, staged.to)
			decision = inTransaction(library.database, () => {
				const signed = saveDecision(library, content)
				choose(content.settings.after)
				return signed
			})
		} catch (error) {
			// Where even this fails, the intent stays, and the next start ends it.
			if (chosenIn(settings.get(), choice) !== content.settings.before) choose(content.settings.before)
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
		const choice = choiceOf(model.manifest)
		try {
			const decision = await carryOut({ ...content, after: comparedModel(model.manifest), settings: { before: chosenIn(settings.get(), choice), after: model.manifest.id } }, choice, staged)
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

	/** What the student of a decision reads: both its models read the same. Null where the packs of both are gone, or it is of a teacher. */
	function domainOf({ role, before, after }: DecisionContent): Domain | null {
		if (role === 'teacher') return null
		const packs = [after, before].map((model) => model && registry.bySha256(model.sha256))
		return packs.find((pack) => pack !== null)?.manifest.domain ?? null
	}

	/** The promotions that can be undone, the last one first: of each kind of image, and of teachers, the last that no rollback has undone. */
	function lastPromotions(): { promotion: Decision; domain: Domain | null }[] {
		const { decisions } = readDecisions(library)
		const undone = new Set(decisions.map(({ content }) => content.undoes))
		const last: { promotion: Decision; domain: Domain | null }[] = []
		for (const promotion of decisions.toReversed().filter(({ id, content }) => content.kind === 'accepted' && !undone.has(id))) {
			const domain = domainOf(promotion.content)
			// One whose packs are gone may be of any kind: none is undone before a later one that may be of its kind.
			const isLast = last.every((other) => other.promotion.content.role !== promotion.content.role || (other.domain !== domain && other.domain !== null && domain !== null))
			if (isLast) last.push({ promotion, domain })
		}
		return last
	}

	/** Why the model before a promotion cannot read again; '' where it can. */
	function whyNotBack({ content: { role, before, settings: { before: setting } } }: Decision): string {
		if (!before) return role === 'teacher' ? '' : 'No student read before it.'
		if (registry.bySha256(before.sha256)) return ''
		return `The pack of ${before.title} (${before.id} ${before.version}, ${before.sha256.slice(0, 12)}) is no longer among the model packs${setting === null ? '; it came with the program' : ''}. Put it back into the folder of models and try again.`
	}

	/** The setting under which a model reads: what it was, where that still gives this model, else its name. */
	function settingFor(choice: Choice, there: ReadyModel | null, setting: string | null): string | null {
		if (!there) return NO_TEACHER
		if (setting !== null) return there.manifest.id
		const chosen = registry.readers(withChoice(settings.get(), choice, null))
		return chosen.some((reader) => reader[choice.role] === there) ? null : there.manifest.id
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
			const setting = chosenIn(settings.get(), choiceOf(pack.manifest))
			return saveDecision(library, { ...content, after: before, settings: { before: setting, after: setting } })
		}),

		rollBack: ({ decisionId, decidedBy, reason }) => alone(async () => {
			registry.list()
			const found = lastPromotions().find(({ promotion }) => promotion.id === decisionId)
			if (!found) throw new UserError(`Decision ${decisionId} is no promotion that could be taken back: it was taken back already, or another one came after it.`)
			const { promotion } = found
			const { role, before, after, settings: { before: setting } } = promotion.content
			const refusal = whyNotBack(promotion)
			if (refusal !== '') throw new UserError(refusal)
			const there = before && registry.bySha256(before.sha256)
			const choice: Choice = role === 'student' && there ? { role, domain: there.manifest.domain } : { role: 'teacher' }
			const reading = registry.readers().flatMap((reader) => (choice.role === 'student' && reader.student.manifest.domain !== choice.domain ? [] : (reader[role] ?? [])))
			const now = reading.find(({ manifest }) => manifest.sha256 === after?.sha256) ?? reading[0]
			const decision = await carryOut({
				schemaVersion: 1, kind: 'rolled back', role, decidedBy, reason, decidedAt: new Date().toISOString(), softwareVersion, candidate: null, comparisons: [],
				before: now ? comparedModel(now.manifest) : null, after: there ? comparedModel(there.manifest) : null,
				settings: { before: chosenIn(settings.get(), choice), after: settingFor(choice, there, setting) }, undoes: promotion.id,
			}, choice, null)
			options.onChange()
			return decision
		}),

		list() {
			const { decisions, fault } = readDecisions(library)
			return {
				decisions: decisions.toReversed(), fault,
				rollbacks: lastPromotions().map(({ promotion, domain }) => ({ decisionId: promotion.id, role: promotion.content.role, domain, to: promotion.content.before, reason: whyNotBack(promotion) })),
			}
		},
	}
}

function isSame(one: ComparedModel, other: ComparedModel): boolean {
	return one.sha256 === other.sha256 && one.manifestSha256 === other.manifestSha256
}
