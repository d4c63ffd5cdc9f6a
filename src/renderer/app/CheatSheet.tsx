import { X } from 'lucide-react'
import { Dialog } from '../ui/Dialog.tsx'
import { KeyCaps } from '../ui/KeyCaps.tsx'
import { groupsOf } from './commandGroups.ts'
import { useCommands } from './commands.ts'
import { keyName, keysOf } from './keys.ts'
import { useNavigation } from './navigation.ts'
import { useOverlay } from './overlay.ts'
import { useSettings } from './settings.ts'

/** `?`: the keys of this room and of the frame, by group. */
export function CheatSheet() {
	const shown = useOverlay((state) => state.shown === 'cheatSheet')
	return shown ? <Sheet /> : null
}

function Sheet() {
	const hide = useOverlay((state) => state.hide)
	const go = useNavigation((state) => state.go)
	const room = useNavigation((state) => state.room)
	const known = useCommands((state) => state.known)
	const bindings = useSettings((state) => state.settings.keyBindings)
	const here = Object.values(known).filter((command) => (command.room === null || command.room === room) && keysOf(command, bindings).length > 0)
	return (
		<Dialog label="Keys" className="cheat-sheet" onClose={hide}>
			<div
				onKeyDown={(event) => {
					if (keyName(event.nativeEvent) !== '?') return
					event.preventDefault()
					hide()
				}}
			>
				<header>
					<h2>Keys</h2>
					<button onClick={() => {
						hide()
						go('settings')
					}}>Change keys</button>
					<button className="quiet icon" aria-label="Close" data-first onClick={hide}><X aria-hidden /></button>
				</header>
				<div className="cheat-sheet-groups" role="region" aria-label="All keys" tabIndex={0}>
					{groupsOf(here).map(([group, commands]) => (
						<section key={group} aria-label={group}>
							<h3>{group}</h3>
							<dl>
								{commands.map((command) => (
									<div key={command.id}>
										<dt>{command.title}</dt>
										<dd><KeyCaps keys={keysOf(command, bindings)} /></dd>
									</div>
								))}
							</dl>
						</section>
					))}
				</div>
			</div>
		</Dialog>
	)
}
