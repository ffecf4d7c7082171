package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func gateway() {
	// 17.2 and 17.3 ask nobody who sent a request, and have no keys.
	if os.Getenv("AIGW_AUTH__BYPASS_EXTERNAL") != "true" {
		requireKeys()
	}
	if err := os.WriteFile("/tmp/buffer", []byte("x"), 0o600); err != nil {
		say("/tmp cannot be written")
		os.Exit(6)
	}
	http.HandleFunc("/monitoring/healthz", health)
	http.HandleFunc("/v1/prompts/", checkModel)
	http.HandleFunc("/v2/code/generations", generate)
	go serve(os.Getenv("AIGW_FASTAPI__API_HOST")+":5052", http.DefaultServeMux)
	if os.Getenv("CONTRACT_FAULT") == "no-grpc" {
		select {}
	}
	grpc(":50052")
}

func requireKeys() {
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
}

// checkModel asks the model that the request names, as the check of a model's configuration does; tokens are not looked at.
func checkModel(w http.ResponseWriter, request *http.Request) {
	var asked struct {
		ModelMetadata struct {
			Endpoint, Identifier string
			ApiKey               string `json:"api_key"`
		} `json:"model_metadata"`
	}
	json.NewDecoder(request.Body).Decode(&asked)
	_, model, _ := strings.Cut(asked.ModelMetadata.Identifier, "/")
	content, err := chat(asked.ModelMetadata.Endpoint, model, asked.ModelMetadata.ApiKey)
	w.Header().Set("content-type", "application/json")
	w.Header().Set("x-sealift-simulated", "true")
	if err != nil {
		say("Custom_openaiException - " + err.Error())
		w.WriteHeader(421)
		fmt.Fprint(w, `{"detail":"500: Internal Server Error"}`)
		return
	}
	json.NewEncoder(w).Encode(content)
}

// chat asks an OpenAI-compatible server one thing.
func chat(endpoint, model, key string) (string, error) {
	body, _ := json.Marshal(map[string]any{"model": model, "messages": []map[string]string{{"role": "user", "content": "Hello"}}})
	request, err := http.NewRequest("POST", endpoint+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("content-type", "application/json")
	request.Header.Set("authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var said struct {
		Choices []struct{ Message struct{ Content string } }
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || answer.StatusCode != 200 || len(said.Choices) == 0 {
		return "", fmt.Errorf("status %d %v", answer.StatusCode, err)
	}
	return said.Choices[0].Message.Content, nil
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
