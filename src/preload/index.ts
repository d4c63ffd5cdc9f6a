import { contextBridge, ipcRenderer } from 'electron'

// The whole bridge: one call, one stream of events. Names are checked by the main program against the contract.
contextBridge.exposeInMainWorld('negatoscope', {
	call: (name: string, input: unknown) => ipcRenderer.invoke('negatoscope:call', name, input),
	on: (listener: (name: string, payload: unknown) => void) => {
		ipcRenderer.on('negatoscope:event', (_event, name: string, payload: unknown) => listener(name, payload))
	},
})
