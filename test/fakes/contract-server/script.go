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

// generate asks the model that the request names, if no token is asked for: the script sends none.
func generate(w http.ResponseWriter, request *http.Request) {
	if os.Getenv("AIGW_AUTH__BYPASS_EXTERNAL") != "true" {
		http.Error(w, `{"error":"No authorization header presented"}`, http.StatusUnauthorized)
		return
	}
	var asked struct {
		Endpoint   string `json:"model_endpoint"`
		Identifier string `json:"model_identifier"`
		Key        string `json:"model_api_key"`
	}
	json.NewDecoder(request.Body).Decode(&asked)
	_, model, _ := strings.Cut(asked.Identifier, "/")
	content, err := chat(asked.Endpoint, model, asked.Key)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(content)
}

// poetry plays `poetry run troubleshoot` and `poetry run python -c` with what Sealift sends to it. Like the real script it prints the key
// of a model that does not answer.
func poetry(arguments []string) {
	given := map[string]string{}
	switch strings.Join(arguments[:min(2, len(arguments))], " ") {
	case "run python":
		json.NewDecoder(os.Stdin).Decode(&given)
	case "run troubleshoot":
		names := map[string]string{"--endpoint": "endpoint", "--model-endpoint": "modelEndpoint", "--model-identifier": "identifier", "--api-key": "apiKey"}
		for at := 2; at+1 < len(arguments); at += 2 {
			given[names[arguments[at]]] = arguments[at+1]
		}
	default:
		os.Exit(127)
	}
	body, _ := json.Marshal(map[string]string{
		"model_endpoint": given["modelEndpoint"], "model_identifier": given["identifier"], "model_api_key": given["apiKey"],
	})
	answer, err := http.Post("http://"+given["endpoint"]+"/v2/code/generations", "application/json", bytes.NewReader(body))
	if err != nil {
		say("no gateway: " + err.Error())
		os.Exit(1)
	}
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != 200 {
		say(fmt.Sprintf("failed to access the model\x1b[2J, api_key: %s, status code: %d %s", given["apiKey"], answer.StatusCode, text))
		os.Exit(1)
	}
	say("the model answers: " + strings.TrimSpace(string(text)))
}
