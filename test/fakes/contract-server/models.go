package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// openai answers chats: `content` gives what the model of a name says, or "" for a name that is not served.
func openai(content func(model string) string) {
	http.HandleFunc("/v1/models", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"object":"list","data":[]}`) })
	http.HandleFunc("/v1/chat/completions", func(w http.ResponseWriter, request *http.Request) {
		if faultNow() == "memory" {
			eatMemory()
		}
		var asked struct {
			Model    string
			Messages []struct{ Content string }
		}
		json.NewDecoder(request.Body).Decode(&asked)
		w.Header().Set("content-type", "application/json")
		w.Header().Set("x-sealift-simulated", "true")
		if !isReady() {
			w.WriteHeader(503)
			fmt.Fprint(w, `{"error":{"message":"Loading model"}}`)
			return
		}
		// A word counts as a token.
		words := 0
		for _, one := range asked.Messages {
			words += len(strings.Fields(one.Content))
		}
		if limit, err := strconv.Atoi(valueOf(os.Args, "--max-model-len")); err == nil && words > limit {
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"error":{"message":"This model's maximum context length is %d tokens."}}`, limit)
			return
		}
		said := content(asked.Model)
		if said == "" {
			w.WriteHeader(404)
			fmt.Fprintf(w, `{"error":{"message":"The model %s does not exist."}}`, asked.Model)
			return
		}
		fmt.Fprintf(w, `{"id":"1","object":"chat.completion","created":1,"model":%q,"choices":[{"index":0,"finish_reason":"stop",`+
			`"message":{"role":"assistant","content":%q}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`,
			asked.Model, said)
	})
}

func vllm(arguments []string) {
	say("arguments " + strings.Join(arguments, " "))
	weights := valueOf(arguments, "--model")
	files, err := os.ReadDir(weights)
	say(fmt.Sprintf("weights %v %v", files, err))
	say(fmt.Sprintf("writing weights: %v", os.WriteFile(weights+"/x", nil, 0o600)))
	if template := valueOf(arguments, "--chat-template"); template != "" {
		text, err := os.ReadFile(template)
		say(fmt.Sprintf("chat template %q %v", text, err))
	}
	say("INFO 07-23 13:55:58 [gpu_model_runner.py:1595] Model loading took 4.5000 GiB and 3.2 seconds")
	say("INFO 07-23 13:56:03 [gpu_worker.py:298] Available KV cache memory: 8.25 GiB")
	say("INFO 07-23 13:56:04 [kv_cache_utils.py:775] GPU KV cache size: 643,232 tokens")
	say("INFO 07-23 13:56:04 [kv_cache_utils.py:779] Maximum concurrency for 40,960 tokens per request: 15.70x")
	served := valueOf(arguments, "--served-model-name")
	http.HandleFunc("/health", health)
	openai(func(model string) string {
		if model != served {
			return ""
		}
		return "SIMULATED answer of " + model
	})
	serve(":"+valueOf(arguments, "--port"), http.DefaultServeMux)
}

func valueOf(arguments []string, name string) string {
	for at, argument := range arguments[:max(0, len(arguments)-1)] {
		if argument == name {
			return arguments[at+1]
		}
	}
	return ""
}

// litellm passes chats on to the `api_base` of its configuration, under the name behind `ollama/`.
func litellm(arguments []string) {
	text, err := os.ReadFile(valueOf(arguments, "--config"))
	say(fmt.Sprintf("config %q %v", text, err))
	served := fieldOf(string(text), "model_name:")
	name := strings.TrimPrefix(fieldOf(string(text), "model:"), "ollama/")
	http.HandleFunc("/health/liveliness", health)
	openai(func(model string) string {
		if model != served {
			return ""
		}
		said, err := chat(fieldOf(string(text), "api_base:")+"/v1", name, "none")
		if err != nil {
			say(err.Error())
			return ""
		}
		return said + " through LiteLLM"
	})
	serve(":4000", http.DefaultServeMux)
}

func fieldOf(text, name string) string {
	_, after, _ := strings.Cut(text, name)
	return strings.TrimSpace(strings.Split(after, "\n")[0])
}

const ollamaFolder = "/root/.ollama"

// createModel makes a second copy of the weights that the Modelfile names, as Ollama does.
func createModel(arguments []string) {
	text, err := os.ReadFile(arguments[2])
	stopAt(err)
	weights, err := os.ReadFile(strings.Fields(string(text))[1])
	stopAt(err)
	hash := sha256.Sum256(weights)
	sum := hex.EncodeToString(hash[:])
	stopAt(os.WriteFile(ollamaFolder+"/sha256-"+sum, weights, 0o600))
	stopAt(os.WriteFile(ollamaFolder+"/"+fileNameOf(arguments[0]), []byte("FROM "+ollamaFolder+"/sha256-"+sum+"\n"), 0o600))
	fmt.Println("success")
}

func stopAt(err error) {
	if err != nil {
		fmt.Println("Error:", err)
		os.Exit(1)
	}
}

func fileNameOf(model string) string { return "model-" + strings.ReplaceAll(model, ":", "-") }

func ollama() {
	made := func(model string) string {
		text, _ := os.ReadFile(ollamaFolder + "/" + fileNameOf(model))
		return string(text)
	}
	http.HandleFunc("/api/version", health)
	http.HandleFunc("/api/show", func(w http.ResponseWriter, request *http.Request) {
		var asked struct{ Model string }
		json.NewDecoder(request.Body).Decode(&asked)
		if made(asked.Model) == "" {
			http.Error(w, `{"error":"not found"}`, 404)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"modelfile": made(asked.Model)})
	})
	openai(func(model string) string {
		if made(model) == "" {
			return ""
		}
		return "SIMULATED answer of " + model
	})
	serve(":11434", http.DefaultServeMux)
}
