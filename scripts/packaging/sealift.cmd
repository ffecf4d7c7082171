@echo off
"%~dp0node.exe" "%~dp0..\lib\scripts\launch.mjs" %*
