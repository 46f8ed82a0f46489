using Microsoft.AspNetCore.Http;
using Tenet.Odoo.Tenants;

namespace Tenet.Odoo.Tokens;

/// <summary>Who asks, by a token that was verified and used up.</summary>
/// <param name="Fault">What is wrong with the grant; null when it is good.</param>
internal sealed record CopilotCaller(UserToken Token, ConnectedTenant Tenant, TokenFault? Fault)
{
    private static readonly object Key = new();

    public static CopilotCaller Of(HttpContext http) => (CopilotCaller)http.Items[Key]!;

    public void Attach(HttpContext http) => http.Items[Key] = this;
}
