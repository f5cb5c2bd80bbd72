// What scripts do with contacts.

import ICSJSON
import IntercomAPI
import IntercomSandbox
import Testing

@testable import IntercomScript

@Suite struct ContactScriptTests {
  @Test("a contact's life: created, read, changed, found, archived, brought back, deleted")
  func life() async throws {
    let bench = try await Workbench()
    let lines = await bench.run(
      """
      let made = contacts.create({role: "user", external_id: "25", email: "wash@serenity.io", name: "Wash"})
      print(made.external_id)
      print(contacts.get(made.id).email, contacts.get(made).email, contacts.get(contact_id: made.id).email)
      print(contacts.update(made.id, {name: "Hoban"}).name)
      print(contacts.update(made, name: "Wash").name)
      print(contacts.update(contact_id: made.id, name: "W").name, contacts.update(id: made.id, name: "V").name)
      print(contacts.find(email: "wash@serenity.io").id == made.id, contacts.find(external_id: "25").id == made.id)
      print(contacts.find(email: "nobody@serenity.io"), contacts.find(id: made.id).name)
      print(contacts.upsert({email: "wash@serenity.io", name: "Up"}, by: "email").id == made.id)
      print(contacts.upsert({email: "new@serenity.io", name: "New"}, by: "email").name)
      print(contacts.archive(made).archived, contacts.unarchive(made.id).archived)
      print(contacts.delete(made.id).deleted)
      print(contacts.find(id: made.id))
      """)
    #expect(
      lines == [
        "25", "wash@serenity.io wash@serenity.io wash@serenity.io", "Hoban", "Wash", "W V", "true true", "null V",
        "true", "New", "true false", "true", "null",
      ])
    await bench.sandbox.stop()
  }
}
