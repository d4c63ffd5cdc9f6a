import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { importPack } from '../../src/main/promotion/importPack.ts'
import { openPromotionRooms } from '../support/promotionRooms.ts'

/*
 * For tests that end it: node promotionChild.ts promote HOME BUILT_IN RUN COMPARISON promotes the pack of a run and takes that back, again and again;
 * node promotionChild.ts import HOME BUILT_IN FOLDER imports every pack file of a folder.
 */
const [action = '', home = '', builtIn = '', what = '', comparison = ''] = process.argv.slice(2)
const { library, registry, candidates, promotions, hosts } = openPromotionRooms(home, builtIn)
const signed = { decidedBy: 'Dr Weber', reason: 'As discussed.' }
process.stdout.write('ready\n')
if (action === 'promote') {
	for (;;) {
		const { id } = await promotions.decide({ ...signed, candidate: { origin: 'run', id: what }, kind: 'accepted', comparisonIds: [Number(comparison)] })
		await promotions.rollBack({ ...signed, decisionId: id })
	}
}
for (const name of readdirSync(what)) await importPack(join(what, name), name, { library, registry, candidates, hosts }).catch(() => undefined)
