"""What MCP hosts are given: tools, notes as resources, and prompts. `api.mcp_tools.server` puts them together."""
