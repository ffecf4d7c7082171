// A small program that plays the contracts of the images that cannot be had here: AI Gateway, vLLM, Ollama, LiteLLM.
// SIMULATED: it answers as they do at the few places that a deployment looks at, and knows nothing else.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	switch filepath.Base(os.Args[0]) {
	case "curl":
		curl(os.Args[len(os.Args)-1])
	case "gateway":
		gateway()
	case "vllm":
		model(":8000", os.Args[1:])
	case "litellm":
		model(":4000", os.Args[1:])
	case "ollama":
		ollama(os.Args[1:])
	default:
		say("no such part: " + os.Args[0])
		os.Exit(64)
	}
}

func say(text string) { fmt.Println("SIMULATED " + text) }

func curl(url string) {
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		fmt.Fprintln(os.Stderr, "curl: (7)", err)
		os.Exit(7)
	}
	fmt.Print(answer.StatusCode)
}

func gateway() {
	switch os.Getenv("CONTRACT_FAULT") {
	case "exits":
		say("cannot start: marker-line")
		os.Exit(3)
	case "memory":
		eatMemory()
	}
	for _, name := range []string{"AIGW_GITLAB_URL", "AIGW_SELF_SIGNED_JWT__SIGNING_KEY"} {
		if os.Getenv(name) == "" {
			say(name + " is not set")
			os.Exit(4)
		}
	}
	if !strings.HasPrefix(os.Getenv("AIGW_SELF_SIGNED_JWT__SIGNING_KEY"), "-----BEGIN PRIVATE KEY-----\n") {
		say("the signing key is no PEM text")
		os.Exit(5)
	}
	if err := os.WriteFile("/tmp/buffer", []byte("x"), 0o600); err != nil {
		say("/tmp cannot be written")
		os.Exit(6)
	}
	http.HandleFunc("/monitoring/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") })
	go serve(":5052", http.DefaultServeMux)
	if os.Getenv("CONTRACT_FAULT") == "no-grpc" {
		select {}
	}
	grpc(":50052")
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

// grpc answers Health/Check with SERVING, frames and trailers as the protocol says.
func grpc(address string) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		io.Copy(io.Discard, request.Body)
		w.Header().Set("content-type", "application/grpc")
		w.Header().Set("trailer", "grpc-status")
		if request.URL.Path == "/grpc.health.v1.Health/Check" {
			w.Write([]byte{0, 0, 0, 0, 2, 8, 1})
			w.Header().Set("grpc-status", "0")
		} else {
			w.Header().Set("grpc-status", "12")
		}
	})
	serve(address, handler)
}

func model(address string, arguments []string) {
	say("arguments " + strings.Join(arguments, " "))
	for at, argument := range arguments {
		if argument == "--config" {
			text, err := os.ReadFile(arguments[at+1])
			say(fmt.Sprintf("config %q %v", text, err))
		}
		if argument == "--model" {
			_, err := os.Stat(arguments[at+1])
			say(fmt.Sprintf("weights %v", err))
			say(fmt.Sprintf("writing weights: %v", os.WriteFile(arguments[at+1]+"/x", nil, 0o600)))
		}
	}
	ok := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"status":"ok"}`) }
	http.HandleFunc("/health", ok)
	http.HandleFunc("/health/liveliness", ok)
	openai()
	serve(address, http.DefaultServeMux)
}

func openai() {
	http.HandleFunc("/v1/models", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"object":"list","data":[]}`) })
	http.HandleFunc("/v1/chat/completions", func(w http.ResponseWriter, request *http.Request) {
		var asked struct{ Model string }
		json.NewDecoder(request.Body).Decode(&asked)
		w.Header().Set("content-type", "application/json")
		fmt.Fprintf(w, `{"id":"1","object":"chat.completion","created":1,"model":%q,"choices":[{"index":0,"finish_reason":"stop",`+
			`"message":{"role":"assistant","content":"SIMULATED answer of %s"}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`,
			asked.Model, asked.Model)
	})
}

const modelFile = "/root/.ollama/made.txt"

func ollama(arguments []string) {
	if len(arguments) > 3 && arguments[0] == "create" {
		text, err := os.ReadFile(arguments[3])
		if err != nil {
			fmt.Println("Error:", err)
			os.Exit(1)
		}
		gguf := strings.Fields(string(text))[1]
		weights, err := os.ReadFile(gguf)
		if err != nil {
			fmt.Println("Error:", err)
			os.Exit(1)
		}
		os.WriteFile(modelFile, []byte(fmt.Sprintf("%s\nFROM sha256-%s\n", arguments[1], sum(weights))), 0o600)
		fmt.Println("success")
		return
	}
	http.HandleFunc("/api/version", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"version":"0"}`) })
	http.HandleFunc("/api/show", func(w http.ResponseWriter, request *http.Request) {
		var asked struct{ Model string }
		json.NewDecoder(request.Body).Decode(&asked)
		made, _ := os.ReadFile(modelFile)
		if !strings.HasPrefix(string(made), asked.Model+"\n") {
			http.Error(w, `{"error":"not found"}`, 404)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"modelfile": string(made)})
	})
	openai()
	serve(":11434", http.DefaultServeMux)
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
