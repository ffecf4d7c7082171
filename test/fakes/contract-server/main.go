// A small program that plays the contracts of the images that cannot be had here: AI Gateway, vLLM, Ollama, LiteLLM.
// SIMULATED: it answers as they do at the few places that a deployment and a probe look at, and knows nothing else.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	part, arguments := filepath.Base(os.Args[0]), os.Args[1:]
	if part == "ollama" && len(arguments) > 0 && arguments[0] == "create" {
		createModel(arguments[1:])
		return
	}
	if part == "run.sh" {
		part = "gateway"
	}
	if part == "poetry" {
		poetry(arguments)
		return
	}
	if len(arguments) > 1 && arguments[0] == "fault" {
		stopAt(os.WriteFile(faultFile, []byte(arguments[1]), 0o600))
		return
	}
	misbehave()
	// The gateway's start script does not pass the signal on; the model servers end by it.
	if part != "gateway" {
		endBySignal()
	}
	switch part {
	case "gateway":
		gateway()
	case "vllm":
		vllm(arguments)
	case "litellm":
		litellm(arguments)
	case "ollama":
		ollama()
	case "proxy":
		proxy(arguments)
	default:
		say("no such part: " + part)
		os.Exit(64)
	}
}

// say logs a line: into the file that the gateway's own variable names, else to the output.
func say(text string) {
	out := os.Stdout
	if path := os.Getenv("AIGW_LOGGING__TO_FILE"); path != "" {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			fmt.Println(err)
			os.Exit(7)
		}
		defer file.Close()
		out = file
	}
	fmt.Fprintln(out, "SIMULATED "+text)
}

var began = time.Now()

// faultFile holds the fault of a container that runs: `<part> fault NAME`, run inside it, writes it.
const faultFile = "/dev/shm/fault"

func faultNow() string {
	text, _ := os.ReadFile(faultFile)
	return string(text)
}

// misbehave does what CONTRACT_FAULT says, for the faults of every part.
func misbehave() {
	switch os.Getenv("CONTRACT_FAULT") {
	case "exits":
		say("cannot start: marker-line")
		os.Exit(3)
	case "memory":
		say("loading: marker-line")
		eatMemory()
	}
}

// isReady is false for ever with the fault `never-ready`, and for a while with `slow`.
func isReady() bool {
	fault := os.Getenv("CONTRACT_FAULT")
	return faultNow() != "loading" && fault != "never-ready" && (fault != "slow" || time.Since(began) > 6*time.Second)
}

func health(w http.ResponseWriter, _ *http.Request) {
	if !isReady() {
		http.Error(w, `{"error":{"message":"Loading model"}}`, http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(w, `{"status":"ok"}`)
}

func endBySignal() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	go func() {
		<-told
		os.Exit(0)
	}()
}

func eatMemory() {
	var all [][]byte
	for {
		piece := make([]byte, 4<<20)
		for at := range piece {
			piece[at] = 1
		}
		all = append(all, piece)
		_ = all
	}
}

func serve(address string, handler http.Handler) {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := http.Server{Addr: address, Handler: handler, Protocols: protocols}
	say("listens on " + address)
	say(fmt.Sprint(server.ListenAndServe()))
	os.Exit(1)
}
