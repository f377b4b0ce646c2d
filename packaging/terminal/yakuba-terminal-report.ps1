# Reports the state of this terminal's antivirus (Microsoft Defender) to Yakuba's register of terminals. Run it by the
# task scheduler every few hours; silence for three days is an anomaly.
#
#   .\yakuba-terminal-report.ps1 -Url https://office.city.example/terminal-report -Terminal op-01 -TokenFile C:\yakuba\token.txt
#   .\yakuba-terminal-report.ps1 -Terminal op-01 -File report.json      (for: yakuba register report report.json)
param(
    [string]$Url,
    [Parameter(Mandatory = $true)][ValidatePattern('^[A-Za-z0-9._-]{1,63}$')][string]$Terminal,
    [string]$TokenFile,
    [string]$File
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$status = Get-MpComputerStatus
$threats = @(Get-MpThreat | Where-Object { $_.IsActive })
$report = [ordered]@{
    terminal      = $Terminal.ToLowerInvariant()
    product       = "Microsoft Defender $($status.AMProductVersion)"
    active        = [bool]($status.AntivirusEnabled -and $status.RealTimeProtectionEnabled)
    signatures_at = $status.AntivirusSignatureLastUpdated.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fffZ')
    detections    = $threats.Count
} | ConvertTo-Json -Compress

if ($File) {
    [System.IO.File]::WriteAllText($File, $report)
    exit 0
}
if (-not $Url -or -not $TokenFile) { throw 'Give -Url and -TokenFile, or -File.' }
$token = (Get-Content -Raw $TokenFile).Trim()
Invoke-RestMethod -Method Post -Uri $Url -TimeoutSec 30 -ContentType 'application/json' `
    -Headers @{ Authorization = "Bearer $token" } -Body ([System.Text.Encoding]::UTF8.GetBytes($report))
